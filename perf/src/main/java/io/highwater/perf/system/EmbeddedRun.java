package io.highwater.perf.system;

import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A system without brokers: there is a directory, and client JVMs that use it in turn. */
final class EmbeddedRun implements RunningSystem {
  private final ClientJvm client;
  private final Path directory;

  EmbeddedRun(ClientJvm client, Path directory) {
    this.client = client;
    this.directory = directory;
  }

  @Override
  public String bootstrap() {
    return directory.toString();
  }

  @Override
  public List<Long> brokerPids() {
    return List.of();
  }

  /** Nothing to do: a topic is there when it is written to. */
  @Override
  public void createTopic(String name, int partitions, int replicationFactor, int minInSync) {}

  @Override
  public LoadResult load(LoadSpec spec) {
    return client.load(spec, bootstrap(), brokerPids());
  }

  @Override
  public AckProbe probe(String topic, int partition, String acks) {
    throw noBrokers();
  }

  @Override
  public int leaderOf(String topic, int partition) {
    throw noBrokers();
  }

  @Override
  public int controller() {
    throw noBrokers();
  }

  @Override
  public void kill(int broker) {
    throw noBrokers();
  }

  @Override
  public void restart(int broker) {
    throw noBrokers();
  }

  @Override
  public void awaitServing() {
    // It serves whoever opens it.
  }

  @Override
  public void stop(int broker) {
    throw noBrokers();
  }

  /** Bytes of all its files: there is one topic. */
  @Override
  public long diskBytes(String topic) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | UncheckedIOException e) {
      throw new SystemFailureException("files of " + topic + " cannot be measured: " + e, e);
    }
  }

  @Override
  public long residentBytes(int broker) {
    throw noBrokers();
  }

  @Override
  public void close() {
    // Nothing runs.
  }

  private UnsupportedOperationException noBrokers() {
    return new UnsupportedOperationException(client.system() + " has no brokers");
  }
}
