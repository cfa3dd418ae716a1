package io.highwater.perf.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How late Linux may wake a thread that sleeps, so that wake-ups fall together: by default 50 µs,
 * which would be a part of every latency at a fixed rate.
 */
final class TimerSlack {
  private static final Path THIS_THREAD = Path.of("/proc/thread-self");

  private TimerSlack() {}

  /**
   * Has this thread woken on time.
   *
   * @return whether the system allowed it; if not, the send lag shows what it costs
   */
  static boolean avoid() {
    try {
      Path id = Files.readSymbolicLink(THIS_THREAD).getFileName();
      Files.writeString(Path.of("/proc").resolve(id).resolve("timerslack_ns"), "1");
      return true;
    } catch (IOException notAllowed) {
      return false;
    }
  }
}
