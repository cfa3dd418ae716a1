package io.highwater.perf.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessFilesTest {
  private static final String AFTER_NAME =
      " S 1 2 2 0 -1 4194560 10 0 0 0 %d %d 0 0 20 0 9 0 100 0 0\n";

  @Test
  void cpuTimeIsUserAndSystemTime() {
    assertThat(CpuClock.parse("42 (java)" + AFTER_NAME.formatted(150, 50))).hasValue(2_000_000);
  }

  @Test
  void aCommandMayHaveAnyName() {
    assertThat(CpuClock.parse("42 (a) b (c d) 7)" + AFTER_NAME.formatted(1, 2))).hasValue(30_000);
  }

  @Test
  void textThatIsNoStatTellsNothing() {
    assertThat(CpuClock.parse("")).isEmpty();
    assertThat(CpuClock.parse("42 (java) S 1 2")).isEmpty();
    assertThat(CpuClock.parse("42 (java) S a b c d e f g h i j k l m")).isEmpty();
  }

  @Test
  void aProcessThatEndedTellsNothing(@TempDir Path proc) {
    assertThat(new CpuClock(proc).microsOf(42)).isEmpty();
  }

  @Test
  void theProcessBehindAPortIsFound(@TempDir Path proc) throws IOException {
    Files.createDirectories(proc.resolve("net"));
    Files.writeString(
        proc.resolve("net/tcp"),
        """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1D1A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1
           1: 0100007F:1D1C 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 888 1
        """);
    Path fds = Files.createDirectories(proc.resolve("42/fd"));
    Files.createSymbolicLink(fds.resolve("3"), Path.of("socket:[777]"));
    Path others = Files.createDirectories(proc.resolve("41/fd"));
    Files.createSymbolicLink(others.resolve("3"), Path.of("socket:[888]"));
    Files.createDirectories(proc.resolve("1"));

    assertThat(new ListeningProcesses(proc).pidOn(0x1D1A)).hasValue(42);
    assertThat(new ListeningProcesses(proc).pidOn(0x1D1B)).isEmpty();
    // Connected only, not listening.
    assertThat(new ListeningProcesses(proc).pidOn(0x1D1C)).isEmpty();
  }

  @Test
  void thisProcessIsFoundByItsOwnPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(new ListeningProcesses().pidOn(socket.getLocalPort()))
          .hasValue(ProcessHandle.current().pid());
    }
  }
}
