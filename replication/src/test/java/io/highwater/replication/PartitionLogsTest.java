package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectories;
import io.highwater.log.LogDirectory;
import io.highwater.log.io.SimStorage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.TopicImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** CTL-5: what may be in a log directory that is offline is neither gone nor begun anew. */
class PartitionLogsTest {
  private static final Path A = Path.of("/a");
  private static final Path B = Path.of("/b");
  private static final UUID TOPIC = new UUID(7, 7);
  private static final TopicImage ORDERS =
      new TopicImage("orders", TOPIC, new TreeMap<>(), List.of());
  private static final TopicIdPartition FIRST = new TopicIdPartition(TOPIC, 0);
  private static final TopicIdPartition SECOND = new TopicIdPartition(TOPIC, 1);

  private final SimStorage storage = new SimStorage();
  private long ids;
  private boolean isBroken;

  private PartitionLogs open() {
    return new PartitionLogs(LogDirectories.open(List.of(A, B), A, this::openOne));
  }

  private LogDirectory openOne(Path root) {
    if (isBroken && root.equals(B)) {
      throw new HighwaterException(ErrorCode.KAFKA_STORAGE_ERROR, "broken");
    }
    return LogDirectory.open(root, storage, () -> 0, 1, () -> new UUID(9, ++ids));
  }

  private static void isRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR));
  }

  @Test
  void aReplicaWhoseDirectoryFailedWhileItWasCreatedIsNotTakenForRemoved() {
    PartitionLogs logs = open();
    logs.open(ORDERS, FIRST, LogConfig.DEFAULT);
    storage.failNext(
        SimStorage.Operation.WRITE, path -> path.startsWith(B), new IOException("bad sector"));
    isRefused(() -> logs.open(ORDERS, SECOND, LogConfig.DEFAULT));

    isRefused(() -> logs.delete(ORDERS, SECOND));
    isRefused(() -> logs.delete(TOPIC));
  }

  @Test
  void aReplicaThatMayBeInADirectoryThatDoesNotOpenIsNotBegunAnew() {
    PartitionLogs before = open();
    before.open(ORDERS, FIRST, LogConfig.DEFAULT);
    before.open(ORDERS, SECOND, LogConfig.DEFAULT);
    storage.killProcess();
    isBroken = true;
    PartitionLogs logs = open();

    isRefused(() -> logs.delete(ORDERS, SECOND));
    isRefused(() -> logs.open(ORDERS, SECOND, LogConfig.DEFAULT));
  }
}
