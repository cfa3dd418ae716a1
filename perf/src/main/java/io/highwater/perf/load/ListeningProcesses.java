package io.highwater.perf.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds which process of this machine listens on a port, as Linux tells it: the socket in {@code
 * /proc/net/tcp} and {@code tcp6}, and who has it open. Processes of other users stay unknown.
 */
public final class ListeningProcesses {
  private static final String LISTEN_STATE = "0A";
  private static final int ADDRESS_FIELD = 1;
  private static final int STATE_FIELD = 3;
  private static final int INODE_FIELD = 9;

  private final Path proc;

  /** Those of this machine. */
  public ListeningProcesses() {
    this(Path.of("/proc"));
  }

  /**
   * @param proc a directory like {@code /proc}
   */
  ListeningProcesses(Path proc) {
    this.proc = proc;
  }

  /** The process that listens on a TCP port, whatever the address; nothing when unknown. */
  public OptionalLong pidOn(int port) {
    Set<String> sockets = new HashSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      Path file = proc.resolve("net").resolve(table);
      if (!Files.isReadable(file)) {
        continue;
      }
      try (Stream<String> lines = Files.lines(file)) {
        lines.map(line -> inodeListening(line, port)).forEach(sockets::add);
      } catch (IOException | UncheckedIOException unreadable) {
        return OptionalLong.empty();
      }
    }
    sockets.remove("");
    return sockets.isEmpty() ? OptionalLong.empty() : ownerOf(sockets);
  }

  /**
   * The name of the socket that a line of the table tells of.
   *
   * @return {@code socket:[INODE]}, or "" when it does not listen on the port
   */
  static String inodeListening(String line, int port) {
    String[] fields = line.trim().split(" +", -1);
    if (fields.length <= INODE_FIELD
        || !fields[STATE_FIELD].equals(LISTEN_STATE)
        || !fields[ADDRESS_FIELD].endsWith(String.format(Locale.ROOT, ":%04X", port))) {
      return "";
    }
    return "socket:[" + fields[INODE_FIELD] + "]";
  }

  private OptionalLong ownerOf(Set<String> sockets) {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        if (hasOpen(process, sockets)) {
          return OptionalLong.of(Long.parseLong(process.getFileName().toString()));
        }
      }
      return OptionalLong.empty();
    } catch (IOException unreadable) {
      return OptionalLong.empty();
    }
  }

  private static boolean hasOpen(Path process, Set<String> sockets) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path file : files) {
        if (opens(file, sockets)) {
          return true;
        }
      }
      return false;
    } catch (IOException endedOrNotOurs) {
      return false;
    }
  }

  private static boolean opens(Path file, Set<String> sockets) {
    try {
      return sockets.contains(Files.readSymbolicLink(file).toString());
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }
}
