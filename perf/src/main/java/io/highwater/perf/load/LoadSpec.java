package io.highwater.perf.load;

import java.util.List;
import java.util.Objects;

/**
 * One run of load, whole: what {@link LoadMain} needs to know, as JSON too.
 *
 * @param kind what is done
 * @param target class name of the {@link LoadTarget}
 * @param sink the producer clients; null when only consuming
 * @param source the consumer client; null when only producing
 * @param measured how long the measured part is; when consuming, a time is filled with whole passes
 * @param warmup how long the part before it is; when consuming, it is filled with whole passes
 * @param payload what records hold; when only consuming it does not matter
 * @param rate records per second of all producers together, sent by the clock, whatever the answers
 *     do; 0 for as many as the clients take
 * @param producers producer clients, each with a thread of its own
 * @param synchronous whether each producer waits for the answer to a record before it sends the
 *     next
 * @param brokerPids processes of this machine whose CPU time is measured; those of the brokers
 * @param expected what a pass of consuming must find, when known; else null
 * @param passRecords records of a pass of consuming; ignored when {@code expected} is there
 * @param hlog file for the HdrHistogram log, or null
 */
public record LoadSpec(
    Kind kind,
    String target,
    SinkConfig sink,
    SourceConfig source,
    Extent measured,
    Extent warmup,
    PayloadSpec payload,
    double rate,
    int producers,
    boolean synchronous,
    List<Long> brokerPids,
    Tally expected,
    long passRecords,
    String hlog) {
  /** What a run does. */
  public enum Kind {
    /** Sends. */
    PRODUCE,
    /** Reads what is there. */
    CONSUME,
    /** Sends at a rate and reads at the same time. */
    END_TO_END
  }

  public LoadSpec {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(measured, "measured");
    Objects.requireNonNull(warmup, "warmup");
    require(kind == Kind.CONSUME || sink != null, "producing needs a sink");
    require(kind == Kind.CONSUME || payload != null, "producing needs a payload");
    require(kind == Kind.PRODUCE || source != null, "consuming needs a source");
    require(!measured.isNone() || kind == Kind.CONSUME, "neither records nor a duration");
    require(rate >= 0 && rate <= 1e9, "a rate of " + rate + " per second is not 0 to 1e9");
    require(kind != Kind.END_TO_END || rate > 0, "end to end needs a rate");
    require(producers >= 1 && producers <= 1024, producers + " producers are not 1 to 1,024");
    require(
        kind != Kind.CONSUME || expected != null || passRecords > 0,
        "consuming needs to know how many records there are");
    brokerPids = List.copyOf(brokerPids);
  }

  /** Producing with one producer, without warm-up, as fast as it goes. */
  public static LoadSpec produce(
      String target, SinkConfig sink, PayloadSpec payload, Extent measured) {
    Draft draft = new Draft(Kind.PRODUCE, target);
    draft.sink = sink;
    draft.payload = payload;
    draft.measured = measured;
    return draft.spec();
  }

  /** One pass of consuming, without warm-up, of what is known to be there. */
  public static LoadSpec consume(String target, SourceConfig source, Tally expected) {
    Draft draft = new Draft(Kind.CONSUME, target);
    draft.source = source;
    draft.expected = expected;
    return draft.spec();
  }

  /** One pass of consuming so many records, whatever they are, without warm-up. */
  public static LoadSpec consume(String target, SourceConfig source, long passRecords) {
    Draft draft = new Draft(Kind.CONSUME, target);
    draft.source = source;
    draft.passRecords = passRecords;
    return draft.spec();
  }

  /** Producing with one producer at a rate and consuming, without warm-up. */
  public static LoadSpec endToEnd(
      String target,
      SinkConfig sink,
      SourceConfig source,
      PayloadSpec payload,
      Extent measured,
      double rate) {
    Draft draft = new Draft(Kind.END_TO_END, target);
    draft.sink = sink;
    draft.source = source;
    draft.payload = payload;
    draft.measured = measured;
    draft.rate = rate;
    return draft.spec();
  }

  /** The same against a running system. */
  public LoadSpec against(String target, String bootstrap, List<Long> brokerPids) {
    Draft draft = new Draft(this);
    draft.target = target;
    draft.sink = sink == null ? null : sink.withBootstrap(bootstrap);
    draft.source = source == null ? null : source.withBootstrap(bootstrap);
    draft.brokerPids = brokerPids;
    return draft.spec();
  }

  /** The same with another measured part after another warm-up. */
  public LoadSpec lasting(Extent warmup, Extent measured) {
    Draft draft = new Draft(this);
    draft.warmup = warmup;
    draft.measured = measured;
    return draft.spec();
  }

  /** The same after another warm-up. */
  public LoadSpec warmedUpBy(Extent warmup) {
    return lasting(warmup, measured);
  }

  /** The same with the CPU time of these processes measured. */
  public LoadSpec measuring(List<Long> brokerPids) {
    Draft draft = new Draft(this);
    draft.brokerPids = brokerPids;
    return draft.spec();
  }

  /** The same with other producers: how many, how fast, and whether they wait for answers. */
  public LoadSpec sending(int producers, double rate, boolean synchronous) {
    Draft draft = new Draft(this);
    draft.producers = producers;
    draft.rate = rate;
    draft.synchronous = synchronous;
    return draft.spec();
  }

  /**
   * The same with the histogram log written.
   *
   * @param hlog file, or null
   */
  public LoadSpec loggingTo(String hlog) {
    Draft draft = new Draft(this);
    draft.hlog = hlog;
    return draft.spec();
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** A run that is being described: as fast as it goes, once, of one producer, until told else. */
  private static final class Draft {
    private final Kind kind;
    private String target;
    private SinkConfig sink;
    private SourceConfig source;
    private Extent measured = Extent.NONE;
    private Extent warmup = Extent.NONE;
    private PayloadSpec payload;
    private double rate;
    private int producers = 1;
    private boolean synchronous;
    private List<Long> brokerPids = List.of();
    private Tally expected;
    private long passRecords;
    private String hlog;

    Draft(Kind kind, String target) {
      this.kind = kind;
      this.target = target;
    }

    Draft(LoadSpec spec) {
      this(spec.kind, spec.target);
      sink = spec.sink;
      source = spec.source;
      measured = spec.measured;
      warmup = spec.warmup;
      payload = spec.payload;
      rate = spec.rate;
      producers = spec.producers;
      synchronous = spec.synchronous;
      brokerPids = spec.brokerPids;
      expected = spec.expected;
      passRecords = spec.passRecords;
      hlog = spec.hlog;
    }

    LoadSpec spec() {
      return new LoadSpec(
          kind,
          target,
          sink,
          source,
          measured,
          warmup,
          payload,
          rate,
          producers,
          synchronous,
          brokerPids,
          expected,
          passRecords,
          hlog);
    }
  }
}
