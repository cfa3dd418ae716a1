package io.highwater.client.cli;

import io.highwater.client.NewTopic;
import io.highwater.client.TopicDescription;
import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code highwater topic create}. */
@Command(name = "create", description = "Make a topic.")
final class TopicCreateVerb implements Callable<Integer> {
  private final CliStreams streams;

  @Parameters(paramLabel = "NAME", description = "Its name.")
  private String name;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "How many; by default the broker's num.partitions.")
  private Integer partitions;

  @Option(
      names = "--replication-factor",
      paramLabel = "N",
      description = "Replicas of each; by default the broker's default.replication.factor.")
  private Integer replicationFactor;

  @Option(
      names = "--config",
      paramLabel = "KEY=VALUE",
      description = "A setting by Kafka's name, e.g. min.insync.replicas=2; may be repeated.")
  private final Map<String, String> configs = new LinkedHashMap<>();

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;
  @Spec private CommandSpec spec;

  TopicCreateVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    int partitionCount = countOf("--partitions", partitions);
    int replicaCount = countOf("--replication-factor", replicationFactor);
    try (Admin admin = bootstrap.admin()) {
      TopicDescription topic =
          admin.createTopic(new NewTopic(name, partitionCount, replicaCount, configs));
      output.print(
          streams,
          topic,
          () ->
              String.format(
                  Locale.ROOT,
                  "created topic %s, partitions %d, replication factor %d\n",
                  topic.name(),
                  topic.partitions().size(),
                  TopicListVerb.replicas(topic)));
    }
    return CliError.DONE;
  }

  /** 0 when the option is not given, which leaves it to the broker. */
  private int countOf(String option, Integer given) {
    if (given != null && given < 1) {
      throw new ParameterException(spec.commandLine(), option + " must be from 1");
    }
    return given == null ? 0 : given;
  }
}
