package io.highwater.replication;

import io.highwater.log.PartitionLog;
import io.highwater.log.flush.FlushPolicy;
import io.highwater.log.flush.GroupCommit;
import io.highwater.proto.HighwaterException;
import java.util.function.Consumer;

/** Asks for one replica's flushes as its policy has it. On the owner loop. */
final class ReplicaFlush extends GroupCommit.Member {
  private final PartitionLog log;
  private final GroupCommit group;
  private final OwnerLoop loop;
  private final Runnable onFlushed;
  private final Consumer<HighwaterException> onFailed;
  private Cancellable due;

  /**
   * @param onFlushed hears, on the loop, that more may count as kept
   * @param onFailed hears, on the loop, that the directory is offline
   */
  ReplicaFlush(
      PartitionLog log,
      GroupCommit group,
      OwnerLoop loop,
      Runnable onFlushed,
      Consumer<HighwaterException> onFailed) {
    this.log = log;
    this.group = group;
    this.loop = loop;
    this.onFlushed = onFlushed;
    this.onFailed = onFailed;
  }

  /**
   * The log grew, or begins to count in another role. Whoever waits for the disk hears of it in any
   * case, also when all is there already.
   */
  void appended() {
    FlushPolicy policy = log.config().flush();
    long unflushed = log.logEndOffset() - log.flushedOffset();
    switch (policy.kind()) {
      case GROUP -> group.request(this);
      case INTERVAL -> {
        if (unflushed >= policy.messages()) {
          group.request(this);
        } else if (unflushed > 0 && due == null && policy.ms() != FlushPolicy.NEVER) {
          due = loop.schedule(policy.ms(), this::onDue);
        }
      }
      case OS -> {}
    }
  }

  private void onDue() {
    due = null;
    group.request(this);
  }

  /** The replica is no more. */
  void close() {
    if (due != null) {
      due.cancel();
      due = null;
    }
  }

  @Override
  protected PartitionLog log() {
    return log;
  }

  @Override
  protected void flushed() {
    onFlushed.run();
  }

  @Override
  protected void failed(HighwaterException failure) {
    onFailed.accept(failure);
  }
}
