package io.highwater.client.cli;

import io.highwater.client.TopicAlteration;
import io.highwater.client.TopicDescription;
import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code highwater topic alter}. */
@Command(name = "alter", description = "Change a topic's settings, without a restart.")
final class TopicAlterVerb implements Callable<Integer> {
  private record Altered(String name, boolean dryRun, Map<String, String> configs) {}

  private final CliStreams streams;

  @Parameters(paramLabel = "NAME", description = "The topic.")
  private String name;

  @Option(
      names = "--config",
      paramLabel = "KEY=VALUE",
      description = "A setting by Kafka's name, e.g. retention.ms=86400000; may be repeated.")
  private final Map<String, String> configs = new LinkedHashMap<>();

  @Option(
      names = "--delete-config",
      paramLabel = "KEY",
      description = "A setting that gets its default again; may be repeated.")
  private final List<String> deleted = new ArrayList<>();

  @Option(names = "--dry-run", description = "Say what the settings would be, and change nothing.")
  private boolean dryRun;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;
  @Spec private CommandSpec spec;

  TopicAlterVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (configs.isEmpty() && deleted.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "nothing to change: --config or --delete-config is missing");
    }
    try (Admin admin = bootstrap.admin()) {
      TopicDescription topic =
          admin.alterTopic(new TopicAlteration(name, configs, deleted), dryRun);
      Altered altered = new Altered(topic.name(), dryRun, new TreeMap<>(topic.configs()));
      output.print(streams, altered, () -> text(altered));
    }
    return CliError.DONE;
  }

  private static String text(Altered topic) {
    String did = topic.dryRun ? "would alter topic " : "altered topic ";
    StringBuilder text = new StringBuilder(did + topic.name + "\n");
    topic.configs.forEach(
        (key, value) -> text.append("config ").append(key).append('=').append(value).append('\n'));
    return text.toString();
  }
}
