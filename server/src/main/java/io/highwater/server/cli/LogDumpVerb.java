package io.highwater.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.log.dump.SegmentDump;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code highwater log dump}. */
@Command(
    name = "dump",
    description = {
      "Print what the files of a log hold: batches and records of segments, entries of indexes,"
          + " producer snapshots, checkpoints.",
      "Takes no lock, so a running broker is no hindrance. Damage is marked, and makes exit code 1."
    })
final class LogDumpVerb implements Callable<Integer> {
  private final CliStreams streams;

  @Parameters(
      paramLabel = "FILE|DIR",
      description = "A file of a log, or a directory: all such files in and below it.")
  private Path path;

  @Option(names = "--no-records", description = "Batches only.")
  private boolean withoutRecords;

  LogDumpVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    boolean sound;
    try (Writer out = new BufferedWriter(new OutputStreamWriter(streams.out(), UTF_8))) {
      sound = new SegmentDump(new FileStorage(), !withoutRecords, out).dump(path);
    }
    if (!sound) {
      throw new HighwaterException(
          ErrorCode.CORRUPT_MESSAGE, "not everything in " + path + " is sound, see above");
    }
    return CliError.DONE;
  }
}
