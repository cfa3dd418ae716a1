package io.highwater.perf.embedded;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.highwater.perf.load.LoadTarget;
import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.SinkConfig;
import io.highwater.perf.load.SourceConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The least that a log can do: records gathered into blocks of 64 KiB, each with its CRC32C, in one
 * file. The bootstrap is a directory.
 */
public final class FileFloorTarget implements LoadTarget {
  /** Suffix of the file. */
  static final String SUFFIX = ".log";

  @Override
  public RecordSink sink(SinkConfig config) {
    try {
      return new FileFloorSink(
          FileChannel.open(file(config.bootstrap(), config.topic()), CREATE, WRITE, APPEND));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public RecordSource source(SourceConfig config) {
    try {
      FileChannel file = FileChannel.open(file(config.bootstrap(), config.topic()), READ);
      if (!config.fromBeginning()) {
        file.position(file.size());
      }
      return new FileFloorSource(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    // Sinks and sources hold what there is to hold.
  }

  private static Path file(String bootstrap, String topic) throws IOException {
    return Files.createDirectories(Path.of(bootstrap)).resolve(topic + SUFFIX);
  }
}
