package io.highwater.perf;

import io.highwater.client.admin.Admin;
import io.highwater.client.cli.CliStreams;
import io.highwater.perf.highwater.HighwaterTarget;
import io.highwater.perf.load.Extent;
import io.highwater.perf.load.LoadSpec;
import io.highwater.perf.load.SourceConfig;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code highwater perf consume}. */
@Command(
    name = "consume",
    description = {
      "Read a topic from its beginning, every record and its checksum, and measure.",
      "By default once, up to what is committed now; with --duration again and again. Warm-up"
          + " reads, too, are whole passes. Ctrl-C ends with the result so far."
    })
final class ConsumeVerb implements Callable<Integer> {
  private final CliStreams streams;

  @Mixin private LoadOptions load;

  ConsumeVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    Extent measured = load.measured(Extent.NONE);
    List<LoadedCluster.Broker> brokers;
    long records;
    try (Admin admin = load.bootstrap().admin()) {
      LoadedCluster cluster = new LoadedCluster(admin);
      brokers = cluster.brokers();
      records = cluster.recordsOf(load.topic());
    }
    if (records == 0) {
      throw new IllegalArgumentException("topic '" + load.topic() + "' has no records to read");
    }
    if (measured.records() > records) {
      throw new IllegalArgumentException(
          "topic '%s' has %d records, fewer than --records %d"
              .formatted(load.topic(), records, measured.records()));
    }
    LoadSpec spec =
        LoadSpec.consume(
                HighwaterTarget.class.getName(),
                new SourceConfig(load.bootstrap().addresses(), load.topic(), true),
                measured.records() > 0 ? measured.records() : records)
            .lasting(load.warmup(), measured);
    return new LoadExecution(streams, load.output()).run("consume", spec, brokers);
  }
}
