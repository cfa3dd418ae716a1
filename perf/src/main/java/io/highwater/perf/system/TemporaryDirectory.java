package io.highwater.perf.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory for the measured systems' files, which goes when it is closed or this process ends.
 */
public final class TemporaryDirectory implements AutoCloseable {
  private final Path path;
  private final Thread hook;

  private TemporaryDirectory(Path path) {
    this.path = path;
    this.hook = new Thread(this::deleteAtEnd, "delete-temporary-directory");
  }

  /**
   * Makes one.
   *
   * @param parent an existing directory of the disk that is to be measured
   */
  public static TemporaryDirectory in(Path parent) throws IOException {
    TemporaryDirectory made =
        new TemporaryDirectory(Files.createTempDirectory(parent, "highwater-perf-"));
    Runtime.getRuntime().addShutdownHook(made.hook);
    return made;
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Deletes it with all that is in it. */
  @Override
  public void close() {
    delete();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The JVM says only in this way that it is ending; the hook finds nothing then.
      return;
    }
  }

  /** Deletes a file or directory with all that is in it; nothing when it is not there. */
  public static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }

  /** Processes that still write would put files back. */
  private void deleteAtEnd() {
    ChildProcess.killAll();
    delete();
  }

  private void delete() {
    try {
      deleteTree(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + path, e);
    }
  }
}
