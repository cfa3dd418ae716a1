package io.highwater.perf;

import io.highwater.client.admin.Admin;
import io.highwater.client.cli.CliStreams;
import io.highwater.perf.highwater.HighwaterTarget;
import io.highwater.perf.load.Extent;
import io.highwater.perf.load.LoadSpec;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code highwater perf produce}. */
@Command(
    name = "produce",
    description = {
      "Send records, as many as go or at a rate, and measure.",
      "At a rate, latency counts from when a record was due to be sent: waiting behind a slow"
          + " answer is latency, too. Ctrl-C ends with the result so far."
    })
final class ProduceVerb implements Callable<Integer> {
  private static final Extent DEFAULT_EXTENT = Extent.ofMillis(10_000);

  private final CliStreams streams;

  @Mixin private LoadOptions load;
  @Mixin private SendOptions send;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Records per second of all producers together. Default: as many as go.")
  private Double rate;

  @Option(
      names = "--sync",
      description = "Each producer waits for the answer to a record before it sends the next.")
  private boolean synchronous;

  ProduceVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    LoadSpec spec =
        LoadSpec.produce(
                HighwaterTarget.class.getName(),
                send.sink(load.bootstrap().addresses(), load.topic()),
                send.payload(),
                load.measured(DEFAULT_EXTENT))
            .warmedUpBy(load.warmup())
            .sending(send.producers(), rate == null ? 0 : Rates.checked(rate), synchronous)
            .loggingTo(send.hlog());
    List<LoadedCluster.Broker> brokers;
    try (Admin admin = load.bootstrap().admin()) {
      LoadedCluster cluster = new LoadedCluster(admin);
      brokers = cluster.brokers();
      cluster.topicWith(load.topic(), send.partitions(), send.replicationFactor());
    }
    return new LoadExecution(streams, load.output()).run("produce", spec, brokers);
  }
}
