package io.highwater.client.cli;

import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code highwater cluster unregister}. */
@Command(
    name = "unregister",
    description =
        "Forget a broker that is gone for good: drained, stopped and no controller. One that"
            + " starts again all the same registers as a new one.")
final class ClusterUnregisterVerb implements Callable<Integer> {
  private record Unregistered(int broker) {}

  private final CliStreams streams;

  @Parameters(paramLabel = "BROKER", description = "Its node id.")
  private int broker;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  ClusterUnregisterVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      admin.unregisterBroker(broker);
    }
    output.print(
        streams,
        new Unregistered(broker),
        () -> "broker " + broker + " is no broker of the cluster any more\n");
    return CliError.DONE;
  }
}
