package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.ratis.QuorumConfig;
import io.highwater.replication.ratis.QuorumStorage;
import io.highwater.replication.ratis.RatisMetadataLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A controller that is alone, on a disk that was full. */
class QuorumSeatTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String CLUSTER = "c";

  private final FaultyStorage disk = new FaultyStorage();
  private final Queue<HighwaterException> failures = new ConcurrentLinkedQueue<>();
  private final Queue<String> told = new ConcurrentLinkedQueue<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.highwater");
  private final AppenderBase<ILoggingEvent> listener =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          told.add(event.getFormattedMessage());
        }
      };
  private QuorumSeat seat;
  private MetadataLog log;

  @TempDir Path data;

  @BeforeEach
  void open() throws IOException {
    listener.start();
    logger.addAppender(listener);
    QuorumStorage storage = new QuorumStorage(disk.storage(), data, CLUSTER);
    storage.announceFirstStart();
    QuorumConfig config =
        new QuorumConfig(
            1,
            CLUSTER,
            data,
            new TreeMap<>(Map.of(1, new Endpoint("127.0.0.1", freePort()))),
            "127.0.0.1",
            100,
            1_000,
            500);
    seat = new QuorumSeat(config, storage, others -> null, failures::add);
    seat.open(false);
    log = seat.log();
  }

  @AfterEach
  void close() {
    seat.close();
    logger.detachAppender(listener);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private CommandResult format() {
    return log.submit(new FormatCluster(CLUSTER)).join();
  }

  private boolean isConfirmed() {
    return log.submit(new FormatCluster(CLUSTER)).handle((done, why) -> why == null).join();
  }

  /**
   * Once the disk refused an entry Ratis writes none any more, and neither says so nor ends. Its
   * files cannot be made to refuse one here: whoever would write them goes instead.
   */
  @Test
  void aMemberThatWritesNoMoreSinceItsDiskWasFullBeginsAgainOnceThereIsRoom() {
    await().atMost(PATIENCE).until(this::isConfirmed);
    long before = format().index();
    RatisMetadataLog first = seat.member();
    disk.free(0);
    endWriter();
    assertThat(isConfirmed()).isFalse();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(List.copyOf(told))
                    .anyMatch(line -> line.contains("the disk of " + data + " is full")));
    assertThat(seat.member()).isSameAs(first);

    disk.free(1L << 40);

    await().atMost(PATIENCE).until(this::isConfirmed);
    assertThat(seat.member()).isNotSameAs(first);
    await().atMost(PATIENCE).until(() -> log.image().index() > before);
    assertThat(failures).isEmpty();
  }

  private static void endWriter() {
    List<Thread> writers =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().endsWith("SegmentedRaftLogWorker"))
            .toList();
    assertThat(writers).hasSize(1);
    writers.get(0).interrupt();
  }
}
