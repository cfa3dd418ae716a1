package io.highwater.client.cli;

import io.highwater.client.DeletedRecords;
import io.highwater.client.RecordDeletion;
import io.highwater.client.admin.Admin;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code highwater topic delete-records}. */
@Command(
    name = "delete-records",
    description = "Delete a partition's oldest records for good; see first with --dry-run.")
final class TopicDeleteRecordsVerb implements Callable<Integer> {
  private record Deleted(
      String topic,
      int partition,
      boolean dryRun,
      long previousLogStartOffset,
      long logStartOffset,
      long records,
      int segments,
      long bytes) {}

  private final CliStreams streams;

  @Parameters(paramLabel = "NAME", description = "The topic.")
  private String name;

  @Option(names = "--partition", paramLabel = "N", required = true, description = "The partition.")
  private int partition;

  @Option(
      names = "--before-offset",
      paramLabel = "OFFSET",
      required = true,
      description =
          "The first offset that stays; "
              + RecordDeletion.ALL_COMMITTED
              + ": all that is committed goes.")
  private long beforeOffset;

  @Option(names = "--dry-run", description = "Say what would go, and delete nothing.")
  private boolean dryRun;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  TopicDeleteRecordsVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      DeletedRecords gone =
          admin.deleteRecords(new TopicPartition(name, partition), beforeOffset, dryRun);
      Deleted deleted =
          new Deleted(
              name,
              partition,
              dryRun,
              gone.previousLogStartOffset(),
              gone.logStartOffset(),
              gone.logStartOffset() - gone.previousLogStartOffset(),
              gone.segments(),
              gone.bytes());
      output.print(streams, deleted, () -> text(deleted));
    }
    return CliError.DONE;
  }

  private static String text(Deleted d) {
    return (d.dryRun ? "would delete offsets " : "deleted offsets ")
        + d.previousLogStartOffset
        + " to "
        + d.logStartOffset
        + " (exclusive) of "
        + d.topic
        + "-"
        + d.partition
        + ": frees "
        + d.segments
        + " segments, "
        + d.bytes
        + " bytes\n";
  }
}
