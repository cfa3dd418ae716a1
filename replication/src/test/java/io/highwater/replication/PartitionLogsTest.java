package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectories;
import io.highwater.log.LogDirectory;
import io.highwater.log.io.SimStorage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.TopicImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** CTL-5: what may be in a log directory that is offline is neither gone nor begun anew. */
class PartitionLogsTest {
  private static final Path A = Path.of("/a");
  private static final Path B = Path.of("/b");
  private static final UUID TOPIC = new UUID(7, 7);
  private static final TopicImage ORDERS =
      new TopicImage("orders", TOPIC, new TreeMap<>(), List.of());
  private static final TopicIdPartition FIRST = new TopicIdPartition(TOPIC, 0);
  private static final TopicIdPartition SECOND = new TopicIdPartition(TOPIC, 1);

  private static final UUID NEWER = new UUID(8, 8);

  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(PartitionLogs.class);
  private final SimStorage storage = new SimStorage();
  private final ManualLoop loop = new ManualLoop();
  private HighwaterException failure;
  private long ids;
  private boolean isBroken;

  @BeforeEach
  void listen() {
    logged.start();
    logger.addAppender(logged);
  }

  @AfterEach
  void listenNoMore() {
    logger.detachAppender(logged);
  }

  private PartitionLogs open() {
    return new PartitionLogs(
        LogDirectories.open(List.of(A, B), A, this::openOne),
        new DiskSteps(loop, Runnable::run, loop::nowMs));
  }

  private LogDirectory openOne(Path root) {
    if (isBroken && root.equals(B)) {
      throw new HighwaterException(ErrorCode.KAFKA_STORAGE_ERROR, "broken");
    }
    return LogDirectory.open(root, storage, () -> 0, 1, () -> new UUID(9, ++ids));
  }

  private HighwaterException open(PartitionLogs logs, TopicIdPartition id) {
    logs.open(
        List.of(new PartitionLogs.Opening(ORDERS, id, LogConfig.DEFAULT)),
        (opening, refusal) -> failure = refusal);
    loop.turn();
    return failure;
  }

  private HighwaterException delete(PartitionLogs logs, TopicIdPartition id) {
    logs.delete("orders", List.of(id), (partition, refusal) -> failure = refusal);
    loop.turn();
    return failure;
  }

  private HighwaterException deleteTopic(PartitionLogs logs) {
    logs.delete(TOPIC, refusal -> failure = refusal);
    loop.turn();
    return failure;
  }

  private void openAll(PartitionLogs logs, TopicImage topic, int from, int end) {
    List<PartitionLogs.Opening> openings = new ArrayList<>();
    for (int i = from; i < end; i++) {
      TopicIdPartition id = new TopicIdPartition(topic.id(), i);
      openings.add(new PartitionLogs.Opening(topic, id, LogConfig.DEFAULT));
    }
    logs.open(openings, (opening, refusal) -> assertThat(refusal).isNull());
  }

  private static void isRefused(HighwaterException failure) {
    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
  }

  @Test
  void aReplicaWhoseDirectoryFailedWhileItWasCreatedIsNotTakenForRemoved() {
    PartitionLogs logs = open();
    assertThat(open(logs, FIRST)).isNull();
    storage.failNext(
        SimStorage.Operation.WRITE, path -> path.startsWith(B), new IOException("bad sector"));
    isRefused(open(logs, SECOND));

    isRefused(delete(logs, SECOND));
    isRefused(deleteTopic(logs));
  }

  /** It was deleted while this broker was away, say, and forgotten by the cluster. */
  @Test
  void thatAnUnknownTopicIsSetAsideIsSaidOnceForAllItsPartitions() throws IOException {
    PartitionLogs before = open();
    openAll(before, ORDERS, 0, 40);
    loop.turn();
    storage.killProcess();
    PartitionLogs logs = open();
    TopicImage newer = new TopicImage("orders", NEWER, new TreeMap<>(), List.of());
    openAll(logs, newer, 0, 20);
    openAll(logs, newer, 20, 40);
    loop.turn();

    assertThat(warnings()).singleElement().asString().contains("orders", TOPIC + "", "40 part");
    List<String> names = new ArrayList<>(storage.list(A));
    names.addAll(storage.list(B));
    assertThat(names).filteredOn(name -> name.endsWith("-stray")).hasSize(40);
  }

  @Test
  void whatIsBeingDeletedIsNotSaidToBeUnknown() {
    PartitionLogs logs = open();
    openAll(logs, ORDERS, 0, 3);
    loop.turn();
    logs.delete(TOPIC, refusal -> failure = refusal);
    openAll(logs, new TopicImage("orders", NEWER, new TreeMap<>(), List.of()), 0, 3);
    loop.turn();

    assertThat(failure).isNull();
    assertThat(warnings()).isEmpty();
  }

  private List<String> warnings() {
    return logged.list.stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void aReplicaThatMayBeInADirectoryThatDoesNotOpenIsNotBegunAnew() {
    PartitionLogs before = open();
    assertThat(open(before, FIRST)).isNull();
    assertThat(open(before, SECOND)).isNull();
    storage.killProcess();
    isBroken = true;
    PartitionLogs logs = open();

    isRefused(delete(logs, SECOND));
    isRefused(open(logs, SECOND));
  }

  /** As after older metadata was put back on all controllers. */
  @Test
  void whatIsHereOfTopicsThatTheClusterDoesNotKnowIsSaidOnce() {
    openAll(open(), ORDERS, 0, 3);
    loop.turn();
    storage.crash(1);
    PartitionLogs logs = open();

    logs.expect(ClusterImage.EMPTY, 1);
    logs.expect(ClusterImage.EMPTY, 1);

    assertThat(logged.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .singleElement()
        .asString()
        .startsWith(
            "3 partitions here are of topics that the cluster does not know, orders-0 first");
  }
}
