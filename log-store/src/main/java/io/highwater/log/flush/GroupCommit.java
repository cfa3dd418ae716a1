package io.highwater.log.flush;

import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Flushes the logs of one directory together: whoever asks while a group is on its way to the disk
 * is in the next one, so that a flush is shared by all that was appended during the one before.
 *
 * <pre>
 *   request a, b   | group {a, b} syncs                 | done a, b; group {c, a} syncs | done c, a
 *                  |     request c, a (gathering)       |                               |
 * </pre>
 *
 * <p>Everything but the syncs runs on the owner. A group's files are synced side by side, a few at
 * a time, because a file system commits what comes together in one go.
 */
public final class GroupCommit {
  /**
   * Files of a group that are flushed at once, if there are as many threads. They wait, and a file
   * system makes what waits together durable in one go: the more the better, up to here.
   */
  public static final int MAX_PARALLEL = 64;

  /** A log in the groups of its directory. */
  public abstract static class Member {
    private boolean gathered;
    private HighwaterException failure;

    /** The log that is flushed. */
    protected abstract PartitionLog log();

    /** On the owner: what was in the log at the request is on the disk. */
    protected abstract void flushed();

    /**
     * On the owner: nothing is known of what is on the disk, and never will be (STO-8).
     *
     * @param failure KAFKA_STORAGE_ERROR; the directory is offline
     */
    protected abstract void failed(HighwaterException failure);
  }

  private final Executor owner;
  private final Executor io;
  private List<Member> gathering = new ArrayList<>();
  private List<Member> syncing = new ArrayList<>();
  private boolean underWay;

  /**
   * Groups for one directory.
   *
   * @param owner runs tasks on the owner's thread, in order
   * @param io runs tasks that wait for the disk, several at once
   */
  public GroupCommit(Executor owner, Executor io) {
    this.owner = owner;
    this.io = io;
  }

  /** Asks for a flush of what is in the member's log now. Owner only. */
  public void request(Member member) {
    if (!member.gathered) {
      member.gathered = true;
      gathering.add(member);
      if (!underWay) {
        underWay = true;
        // At the end of the owner's turn: all its appends share the first group already.
        owner.execute(this::sync);
      }
    }
  }

  private void sync() {
    List<Member> group = gathering;
    gathering = syncing;
    syncing = group;
    for (Member member : group) {
      member.gathered = false;
    }
    AtomicInteger next = new AtomicInteger();
    AtomicInteger left = new AtomicInteger(Math.min(group.size(), MAX_PARALLEL));
    for (int i = left.get(); i > 0; i--) {
      io.execute(
          () -> {
            try {
              for (int at = next.getAndIncrement();
                  at < group.size();
                  at = next.getAndIncrement()) {
                sync(group.get(at));
              }
            } finally {
              if (left.decrementAndGet() == 0) {
                owner.execute(this::done);
              }
            }
          });
    }
  }

  private static void sync(Member member) {
    try {
      member.log().flush();
    } catch (HighwaterException e) {
      member.failure = e;
    } catch (RuntimeException e) {
      // Its waiters must hear of it, and the others of the group of theirs.
      member.failure =
          new HighwaterException(
              ErrorCode.KAFKA_STORAGE_ERROR, "flushing " + member.log().partition() + ": " + e, e);
    }
  }

  private void done() {
    List<Member> flushed = new ArrayList<>();
    List<Runnable> failed = new ArrayList<>();
    for (Member member : syncing) {
      HighwaterException failure = member.failure;
      if (failure == null) {
        flushed.add(member);
      } else {
        member.failure = null;
        failed.add(() -> member.failed(failure));
      }
    }
    syncing.clear();
    // The next group is on its way to the disk while this one's members hear of theirs.
    if (gathering.isEmpty()) {
      underWay = false;
    } else {
      sync();
    }
    flushed.forEach(Member::flushed);
    failed.forEach(Runnable::run);
  }
}
