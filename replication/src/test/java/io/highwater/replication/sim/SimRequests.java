package io.highwater.replication.sim;

import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.AppendListener;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.Replica;
import io.highwater.replication.Replicas;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** What the simulation's own clients ask of the process of a broker. On its loop. */
final class SimRequests {
  private static final int FETCH_BYTES = 8_192;

  private final Replicas replicas;
  private final SimCluster cluster;

  SimRequests(Replicas replicas, SimCluster cluster) {
    this.replicas = replicas;
    this.cluster = cluster;
  }

  /**
   * How a produce request ended.
   *
   * @param outcome what became of the batch, whatever the error (ACK-2)
   */
  record Reply(ErrorCode error, Outcome outcome, long baseOffset, int leaderEpoch) {
    static Reply unknown(ErrorCode error) {
      return new Reply(error, Outcome.UNKNOWN, -1, -1);
    }
  }

  /** Takes a produce request. */
  void produce(
      TopicIdPartition partition,
      byte[] batch,
      int leaderEpoch,
      Acks acks,
      Consumer<Reply> whenEnded) {
    Replica replica = replicas.replica(partition);
    if (replica == null) {
      whenEnded.accept(new Reply(ErrorCode.UNKNOWN_TOPIC_ID, Outcome.REFUSED, -1, -1));
      return;
    }
    replica.append(
        ByteBuffer.wrap(batch),
        leaderEpoch,
        cluster.sabotage().required(acks),
        new AppendListener() {
          @Override
          public void onAppended(AppendReceipt receipt) {
            if (acks == Acks.ALL) {
              cluster.history().acknowledged(partition, receipt, batch);
            }
            int epoch = receipt.status().leaderEpoch();
            whenEnded.accept(new Reply(ErrorCode.NONE, Outcome.DONE, receipt.baseOffset(), epoch));
          }

          @Override
          public void onFailed(ErrorCode error, boolean maybeAppended, String text) {
            Outcome outcome = maybeAppended ? Outcome.UNKNOWN : Outcome.REFUSED;
            whenEnded.accept(
                new Reply(error, cluster.sabotage().told(outcome), -1, replica.leaderEpoch()));
          }
        });
  }

  /** Serves a consumer: whole committed batches from the leader's log, or nothing. */
  byte[] fetch(TopicIdPartition partition, long offset) {
    Replica replica = replicas.replica(partition);
    if (replica == null
        || replica.role() != Replica.Role.LEADER
        || offset >= replica.highWatermark()) {
      return new byte[0];
    }
    ByteBuffer into = ByteBuffer.allocate(FETCH_BYTES);
    try {
      replica.log().read(offset, replica.highWatermark(), into);
    } catch (HighwaterException e) {
      return new byte[0];
    }
    byte[] batches = Arrays.copyOf(into.array(), into.position());
    cluster.history().read(partition, batches);
    return batches;
  }

  /** Tells where the committed log ends, or nothing. */
  void endOffset(TopicIdPartition partition, LongConsumer whenKnown) {
    Replica replica = replicas.replica(partition);
    if (replica != null) {
      var unused = replica.confirmedEnd().thenAccept(whenKnown::accept);
    }
  }
}
