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
import picocli.CommandLine.Option;

/** {@code highwater perf end-to-end}. */
@Command(
    name = "end-to-end",
    description = {
      "Send records at a rate, read them in the same process, and measure the whole way.",
      "Latency counts from when a record was due to be sent until it was read. Count and checksum"
          + " are compared; the topic must have no other writer meanwhile. The first 16 bytes of"
          + " each record are replaced by a time stamp."
    })
final class EndToEndVerb implements Callable<Integer> {
  private static final Extent DEFAULT_EXTENT = Extent.ofMillis(10_000);

  private final CliStreams streams;

  @Mixin private LoadOptions load;
  @Mixin private SendOptions send;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Records per second of all producers together. Default: ${DEFAULT-VALUE}.")
  private double rate;

  EndToEndVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    LoadSpec spec =
        LoadSpec.endToEnd(
                HighwaterTarget.class.getName(),
                send.sink(load.bootstrap().addresses(), load.topic()),
                new SourceConfig(load.bootstrap().addresses(), load.topic(), false),
                send.payload(),
                load.measured(DEFAULT_EXTENT),
                Rates.checked(rate))
            .warmedUpBy(load.warmup())
            .sending(send.producers(), rate, false)
            .loggingTo(send.hlog());
    List<LoadedCluster.Broker> brokers;
    try (Admin admin = load.bootstrap().admin()) {
      LoadedCluster cluster = new LoadedCluster(admin);
      brokers = cluster.brokers();
      cluster.topicWith(load.topic(), send.partitions(), send.replicationFactor());
    }
    return new LoadExecution(streams, load.output()).run("end-to-end", spec, brokers);
  }
}
