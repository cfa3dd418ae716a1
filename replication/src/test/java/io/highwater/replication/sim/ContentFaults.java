package io.highwater.replication.sim;

import io.highwater.log.PartitionLog;
import io.highwater.log.compact.CleanerBuffers;
import io.highwater.log.compact.IoThrottle;
import io.highwater.log.compact.LogCompaction;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;

/** Faults in what a replica holds that no look at its own disk can find. */
final class ContentFaults {
  private static final TopicIdPartition KEYED = new TopicIdPartition(new UUID(8, 3), 0);
  private static final int BATCHES = 40;
  private static final int AWAY = 3;

  private ContentFaults() {}

  /** A follower comes back with another last batch in each log, of the same place and size. */
  static void forgedTail(long seed, Flaw flaw) {
    SimCluster cluster = new SimCluster(seed, flaw);
    int forged = forge(cluster, SimDisk::forgeTails);
    cluster.settle();
    if (!cluster.broker(forged).disk().hasStray()) {
      throw new AssertionError("REP-9: nobody saw that the last batch is another one");
    }
  }

  /** A follower comes back with another batch in the middle of each log. */
  static void forgedMiddle(long seed) {
    SimCluster cluster = new SimCluster(seed, Flaw.NONE);
    int forged = forge(cluster, SimDisk::forgeMiddles);
    SimDisk disk = cluster.broker(forged).disk();
    for (int number = 0; number < SimCluster.PARTITIONS; number++) {
      TopicIdPartition partition = SimCluster.partition(number);
      if (disk.holds(partition)) {
        cluster.runUntil(
            "a comparison finds it", 10_000, () -> !disk.isForgedInTheMiddle(partition));
      }
    }
    cluster.settle();
  }

  /** A follower of partition 0 is killed and comes back with other logs. */
  private static int forge(SimCluster cluster, Consumer<SimDisk> how) {
    cluster.start(BATCHES);
    cluster.runUntil("everybody is there", 3_000, cluster::isFullyInSync);
    cluster.runUntil(
        "much is committed",
        3_000,
        () -> cluster.checker().highWatermark(SimCluster.partition(0)) > 50);
    int forged = 1 + cluster.leaderOf(0) % 3;
    cluster.kill(forged);
    cluster.broker(forged).damage(how);
    cluster.restart(forged);
    return forged;
  }

  /** All are killed, and two come back first, whose logs of the two partitions changed places. */
  static void exchangedLogs(long seed, Flaw flaw) {
    SimCluster cluster = new SimCluster(seed, flaw);
    cluster.start(BATCHES);
    cluster.runUntil("everybody is there", 3_000, cluster::isFullyInSync);
    for (int number = 0; number < SimCluster.PARTITIONS; number++) {
      TopicIdPartition partition = SimCluster.partition(number);
      cluster.runUntil(
          "something is committed", 3_000, () -> cluster.checker().highWatermark(partition) > 20);
    }
    List<Integer> both =
        IntStream.rangeClosed(1, cluster.size())
            .filter(id -> holdsAll(cluster.broker(id).disk()))
            .boxed()
            .toList();
    for (int id = 1; id <= cluster.size(); id++) {
      cluster.kill(id);
    }
    for (int id : both) {
      cluster.broker(id).damage(disk -> disk.exchange(SimDisk.Exchanged.LOGS));
      cluster.restart(id);
    }
    cluster.runFor(3_000);
    for (int id : both) {
      // Whoever led before is dead: nobody's log is there to take the place of this one.
      if (flaw == Flaw.NONE && cluster.broker(id).disk().hasStray()) {
        throw new AssertionError("REC-3: broker " + id + " gave up what it had for a dead leader");
      }
    }
    cluster.settle();
    for (int id : both) {
      if (!cluster.broker(id).disk().hasStray()) {
        throw new AssertionError("STO-11: broker " + id + " kept nothing of what it found");
      }
    }
  }

  private static boolean holdsAll(SimDisk disk) {
    return IntStream.range(0, SimCluster.PARTITIONS)
        .allMatch(number -> disk.holds(SimCluster.partition(number)));
  }

  /** A key is deleted, and its tombstone dropped, while a replica is away. */
  static void missedTombstone(long seed, Flaw flaw) {
    SimCluster cluster = new SimCluster(seed, flaw);
    cluster.start(BATCHES);
    MetadataCommand create =
        new MetadataCommand.CreateTopic(
            "keyed",
            KEYED.topicId(),
            List.of(List.of(1, 2, AWAY)),
            Map.of(
                "min.insync.replicas", "1",
                "cleanup.policy", "compact",
                "delete.retention.ms", "10",
                "min.cleanable.dirty.ratio", "0",
                "max.message.bytes", "1024",
                "segment.bytes", "1024"));
    cluster.runUntil(
        "a topic with keys",
        2_000,
        () -> cluster.quorum().apply(create) instanceof CommandResult.Accepted);
    append(cluster, "deleted", "value");
    append(cluster, "kept", "value");
    awaitEqual(cluster, 1, 2, AWAY);
    cluster.kill(AWAY);
    append(cluster, "deleted", null);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 6; i++) {
        append(cluster, "filler-" + round, "x".repeat(300));
      }
      awaitEqual(cluster, 1, 2);
      clean(cluster.broker(1));
      clean(cluster.broker(2));
      cluster.runFor(50);
    }
    long horizon = log(cluster, 1).tombstoneHorizon();
    if (horizon != 3) {
      throw new IllegalStateException("the tombstone did not go: " + horizon);
    }
    cluster.restart(AWAY);
    cluster.runUntil(
        "all are in sync",
        5_000,
        () -> cluster.quorum().image().partition(KEYED).isr().size() == 3);
    awaitEqual(cluster, 1, 2, AWAY);
    for (int id : List.of(1, 2, AWAY)) {
      if (values(log(cluster, id)).containsKey("deleted")) {
        throw new AssertionError("CMP-6: broker " + id + " still has what was deleted");
      }
    }
    // Whoever leads next passes on what it must: the copy has taken the horizon over.
    if (log(cluster, AWAY).tombstoneHorizon() != horizon) {
      throw new AssertionError("CMP-6: " + log(cluster, AWAY).tombstoneHorizon());
    }
    cluster.settle();
  }

  private static PartitionLog log(SimCluster cluster, int broker) {
    return cluster.broker(broker).replicas().replica(KEYED).log();
  }

  private static void awaitEqual(SimCluster cluster, Integer... brokers) {
    cluster.runUntil(
        "equal logs",
        5_000,
        () ->
            List.of(brokers).stream()
                .allMatch(
                    id ->
                        cluster.broker(id).replicas() != null
                            && cluster.broker(id).replicas().replica(KEYED) != null
                            && log(cluster, id).highWatermark()
                                == log(cluster, brokers[0]).logEndOffset()));
  }

  private static void append(SimCluster cluster, String key, String value) {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 12);
    builder.append(cluster.scheduler().nowMs(), bytes(key), bytes(value), List.of());
    ByteBuffer batch = builder.build();
    byte[] bytes = new byte[batch.remaining()];
    batch.get(bytes);
    boolean[] appended = new boolean[1];
    cluster.runUntil(
        "an append of " + key,
        5_000,
        () -> {
          int leader = cluster.quorum().image().partition(KEYED).leader();
          if (!appended[0] && leader > 0 && cluster.broker(leader).replicas() != null) {
            cluster
                .broker(leader)
                .requests()
                .produce(
                    KEYED,
                    bytes.clone(),
                    -1,
                    Acks.LEADER,
                    reply -> appended[0] = reply.error() == ErrorCode.NONE);
          }
          return appended[0];
        });
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  private static void clean(SimBroker broker) {
    LogCompaction compaction = broker.replicas().replica(KEYED).log().compaction();
    compaction.run(
        compaction.liveBatches(),
        new CleanerBuffers(1 << 16, 0.9, 1 << 12, new Random(1), IoThrottle.NONE));
  }

  /** What a reader that keeps the last value of each key has in the end. */
  private static Map<String, String> values(PartitionLog log) {
    Map<String, String> values = new TreeMap<>();
    ByteBuffer into = ByteBuffer.allocate(1 << 14);
    BatchView batch = new BatchView();
    try (RecordCursor records = new RecordCursor()) {
      for (long next = log.logStartOffset(); next < log.logEndOffset(); ) {
        ReadResult read = log.read(next, Long.MAX_VALUE, into.clear());
        UnsafeBuffer bytes = new UnsafeBuffer(into.array(), 0, read.bytes());
        for (int at = 0; at < read.bytes(); at += batch.sizeInBytes()) {
          batch.wrap(bytes, at);
          records.wrap(bytes, at);
          while (records.next()) {
            String key = new String(records.key(), StandardCharsets.UTF_8);
            if (records.hasValue()) {
              values.put(key, new String(records.value(), StandardCharsets.UTF_8));
            } else {
              values.remove(key);
            }
          }
        }
        next = read.endOffset();
      }
    }
    return values;
  }
}
