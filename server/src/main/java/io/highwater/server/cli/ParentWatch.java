package io.highwater.server.cli;

import java.io.IOException;
import java.io.InputStream;

/**
 * Ends this process when the one that started it is gone, however that ended: its end of our
 * standard input closes then. For processes that nobody else would end.
 */
final class ParentWatch {
  private static final int ORPHANED = 3;

  private ParentWatch() {}

  /**
   * Begins to watch.
   *
   * @param in this process's standard input, a pipe from the parent that nobody writes to
   */
  static void start(InputStream in) {
    Thread thread = new Thread(() -> await(in), "parent-watch");
    thread.setDaemon(true);
    thread.start();
  }

  private static void await(InputStream in) {
    try {
      while (in.read() >= 0) {
        // Whatever the parent says, it lives.
      }
    } catch (IOException e) {
      // A pipe that cannot be read has nobody at its other end either.
      Runtime.getRuntime().halt(ORPHANED);
    }
    Runtime.getRuntime().halt(ORPHANED);
  }
}
