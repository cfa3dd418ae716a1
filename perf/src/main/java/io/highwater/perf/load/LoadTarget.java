package io.highwater.perf.load;

/**
 * A system as its own client sees it. Has a public constructor without arguments, by which a {@link
 * LoadSpec} names it; one per client JVM.
 */
public interface LoadTarget extends AutoCloseable {
  /**
   * One producer client; several may be open.
   *
   * @throws IllegalArgumentException for a setting that the client does not take
   */
  RecordSink sink(SinkConfig config);

  /**
   * One consumer client that reads all partitions of a topic. Its positions are settled when this
   * returns: every record appended afterwards is handed over.
   *
   * @throws IllegalArgumentException for a setting that the client does not take
   */
  RecordSource source(SourceConfig config);

  /** Lets go of what the sinks and sources shared; they are closed before. */
  @Override
  void close();
}
