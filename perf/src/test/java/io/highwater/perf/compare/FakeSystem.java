package io.highwater.perf.compare;

import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadSpec;
import io.highwater.perf.load.Tally;
import io.highwater.perf.load.Verification;
import io.highwater.perf.system.AckProbe;
import io.highwater.perf.system.ComparedSystem;
import io.highwater.perf.system.Purpose;
import io.highwater.perf.system.RunningSystem;
import io.highwater.perf.system.SystemFailureException;
import io.highwater.perf.system.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A system without processes: it says what it is told to say, and what it was asked. */
public final class FakeSystem implements ComparedSystem {
  static final Tally WRITTEN = new Tally(1_000, 100_000, 42);

  private final String name;
  private final List<LoadSpec> loads = new ArrayList<>();
  private Tally read = WRITTEN;
  private String skipReason;
  private String startFailure;
  private String loadFailure;
  private int started;
  private int running;
  private int skipQuestions;

  public FakeSystem(String name) {
    this.name = name;
  }

  FakeSystem reading(Tally read) {
    this.read = read;
    return this;
  }

  public FakeSystem skippedBecause(String reason) {
    this.skipReason = reason;
    return this;
  }

  public FakeSystem failingToStart(String reason) {
    this.startFailure = reason;
    return this;
  }

  FakeSystem failingToSend(String reason) {
    this.loadFailure = reason;
    return this;
  }

  List<LoadSpec> loads() {
    return loads;
  }

  public int started() {
    return started;
  }

  int stillRunning() {
    return running;
  }

  int skipQuestions() {
    return skipQuestions;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean supports(Topology topology) {
    return topology != Topology.EMBEDDED;
  }

  @Override
  public Optional<String> skipReason() {
    skipQuestions++;
    return Optional.ofNullable(skipReason);
  }

  @Override
  public Map<String, String> setup(Purpose purpose) {
    return Map.of("version", "fake");
  }

  @Override
  public RunningSystem start(Topology topology, Purpose purpose, Path dataDirectory) {
    started++;
    try {
      Files.writeString(dataDirectory.resolve("log"), "data");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (startFailure != null) {
      throw new SystemFailureException(startFailure);
    }
    running++;
    return new Running();
  }

  private final class Running implements RunningSystem {
    @Override
    public String bootstrap() {
      return "nowhere";
    }

    @Override
    public List<Long> brokerPids() {
      return List.of();
    }

    @Override
    public void createTopic(String topic, int partitions, int replicationFactor, int minInSync) {}

    @Override
    public LoadResult load(LoadSpec spec) {
      loads.add(spec);
      boolean producing = spec.kind() == LoadSpec.Kind.PRODUCE;
      boolean failing = producing && loadFailure != null;
      Verification.Verdict verdict =
          WRITTEN.equals(read) ? Verification.Verdict.RIGHT : Verification.Verdict.WRONG;
      return new LoadResult(
          spec,
          10,
          0.1,
          1_000,
          100_000,
          0.5,
          2_000,
          0.2,
          null,
          null,
          1.5,
          List.of(new LoadResult.BrokerCpu(1, 0.5), new LoadResult.BrokerCpu(2, 0.25)),
          7,
          3,
          failing ? 5 : 0,
          failing ? loadFailure : null,
          producing && !failing ? WRITTEN : null,
          producing ? null : new Verification(verdict, WRITTEN, read),
          false);
    }

    @Override
    public AckProbe probe(String topic, int partition, String acks) {
      throw new SystemFailureException("no probes here");
    }

    @Override
    public int leaderOf(String topic, int partition) {
      return 1;
    }

    @Override
    public int controller() {
      return 1;
    }

    @Override
    public void kill(int broker) {}

    @Override
    public void restart(int broker) {}

    @Override
    public void awaitServing() {}

    @Override
    public void stop(int broker) {}

    @Override
    public long diskBytes(String topic) {
      return 110_000;
    }

    @Override
    public long residentBytes(int broker) {
      return 123_000_000;
    }

    @Override
    public void close() {
      running--;
    }
  }
}
