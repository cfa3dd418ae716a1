package io.highwater.perf.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** CPU time that processes of this machine have used, user and system, as Linux tells it. */
final class CpuClock {
  /** What {@code sysconf(_SC_CLK_TCK)} says on every Linux of today. */
  private static final long TICKS_PER_SECOND = 100;

  private static final long MICROS_PER_TICK = 1_000_000 / TICKS_PER_SECOND;

  /** User and system time are the 14th and 15th field; the third follows the command's name. */
  private static final int USER_FIELD = 14 - 3;

  private static final int SYSTEM_FIELD = 15 - 3;

  private final Path proc;

  CpuClock(Path proc) {
    this.proc = proc;
  }

  /** Microseconds of a process with all its threads, or nothing when it cannot be told. */
  OptionalLong microsOf(long pid) {
    try {
      return parse(Files.readString(proc.resolve(Long.toString(pid)).resolve("stat")));
    } catch (IOException ended) {
      return OptionalLong.empty();
    }
  }

  /** Reads the text of a {@code stat} file; nothing when it is none. */
  static OptionalLong parse(String stat) {
    // The command's name may hold blanks and parentheses.
    int name = stat.lastIndexOf(')');
    if (name < 0) {
      return OptionalLong.empty();
    }
    List<String> fields = Arrays.asList(stat.substring(name + 1).trim().split(" +"));
    if (fields.size() <= SYSTEM_FIELD) {
      return OptionalLong.empty();
    }
    try {
      long ticks =
          Long.parseLong(fields.get(USER_FIELD)) + Long.parseLong(fields.get(SYSTEM_FIELD));
      return OptionalLong.of(ticks * MICROS_PER_TICK);
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
