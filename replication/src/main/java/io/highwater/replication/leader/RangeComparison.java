package io.highwater.replication.leader;

import io.highwater.log.PartitionLog;
import io.highwater.log.read.RangeHash;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.Cancellable;
import io.highwater.replication.core.ContentVote;
import io.highwater.replication.core.InSyncSet;
import io.highwater.replication.transport.HashAnswer;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the next range of a partition's committed log between the leader and the followers that
 * hold it (REP-10), once. A difference is looked at again: only what a replica says twice counts.
 * Each replica reads on its I/O pool. On the owner loop.
 *
 * <pre>
 *   read -> ask -> answers, or patience ends -> all equal: done
 *    ^                                     |
 *    +---- once, when they differ ---------+--> vote: the minority yields
 * </pre>
 */
final class RangeComparison {
  private static final Logger LOG = LoggerFactory.getLogger(RangeComparison.class);

  /** Another batch is begun below this. */
  private static final int RANGE_BYTES = 1 << 20;

  private final LeaderStreams streams;
  private final Leadership leadership;
  private final PartitionLog log;
  private final boolean repair;
  private final CompletableFuture<ComparedRange> result = new CompletableFuture<>();
  private final Map<Integer, String> contents = new TreeMap<>();
  private final Map<Integer, String> silent = new TreeMap<>();
  private final Map<Integer, PushCursor> asked = new TreeMap<>();
  private final Set<Integer> awaited = new TreeSet<>();
  private Cancellable patience = Cancellable.DONE;
  private RangeHash own;
  private Map<Integer, String> before;
  private int round;

  /**
   * @param repair whether the leader's content counts where no majority tells
   */
  RangeComparison(LeaderStreams streams, Leadership leadership, boolean repair) {
    this.streams = streams;
    this.leadership = leadership;
    this.log = leadership.log();
    this.repair = repair;
  }

  /**
   * Begins.
   *
   * @return completes on the owner loop; fails with OFFSET_OUT_OF_RANGE beyond the high watermark,
   *     with OFFSET_NOT_AVAILABLE while a new leader does not know it, with NOT_LEADER_OR_FOLLOWER
   *     when the leadership ends meanwhile, or as {@link PartitionLog#read}
   */
  CompletableFuture<ComparedRange> from(long offset) {
    long from = Math.max(offset, log.logStartOffset());
    long ceiling = log.highWatermark();
    if (from > ceiling) {
      result.completeExceptionally(
          new HighwaterException(
              leadership.state().knowsCommittedEnd()
                  ? ErrorCode.OFFSET_OUT_OF_RANGE
                  : ErrorCode.OFFSET_NOT_AVAILABLE,
              log.partition() + ": offset " + from + " is beyond the high watermark " + ceiling));
    } else if (log.mayHaveGaps() || from == ceiling || !findsSomebodyToAsk(from + 1)) {
      nothing(from, ceiling);
    } else {
      look(from, ceiling);
    }
    return result;
  }

  private void nothing(long from, long ceiling) {
    result.complete(
        new ComparedRange(
            from, ceiling, ceiling, 0, !log.mayHaveGaps(), Map.of(), silent, Set.of()));
  }

  /** Notes whom to ask about what ends at {@code end}, and why not the others. */
  private boolean findsSomebodyToAsk(long end) {
    asked.clear();
    silent.clear();
    for (int follower : leadership.state().followers()) {
      PushCursor cursor = leadership.cursor(follower);
      Optional<String> obstacle = obstacle(follower, cursor, end);
      if (obstacle.isEmpty()) {
        asked.put(follower, cursor);
      } else {
        silent.put(follower, obstacle.get());
      }
    }
    return !asked.isEmpty();
  }

  private Optional<String> obstacle(int follower, PushCursor cursor, long end) {
    if (cursor == null) {
      return Optional.of("it does not follow now");
    }
    long held = leadership.state().progress(follower).logEndOffset();
    return held < end
        ? Optional.of("it acknowledged offsets below " + held + " only")
        : cursor.sender().ranges().obstacle(streams.nowMs());
  }

  private void look(long from, long ceiling) {
    streams
        .io()
        .execute(
            () -> {
              try {
                RangeHash found = RangeHash.of(log, from, ceiling, RANGE_BYTES);
                streams.loop().execute(() -> ask(found));
              } catch (HighwaterException e) {
                streams.loop().execute(() -> failed(e));
              } catch (RuntimeException e) {
                // Somebody waits for the outcome.
                String what = "reading " + log.partition() + " at offset " + from + ": " + e;
                HighwaterException named =
                    new HighwaterException(ErrorCode.KAFKA_STORAGE_ERROR, what, e);
                streams.loop().execute(() -> failed(named));
              }
            });
  }

  private void failed(HighwaterException failure) {
    if (!isCurrent()) {
      return;
    }
    if (failure.code() == ErrorCode.OFFSET_OUT_OF_RANGE) {
      before = null;
      var unused = from(log.logStartOffset()); // Its records were deleted meanwhile.
    } else {
      result.completeExceptionally(failure);
    }
  }

  private boolean isCurrent() {
    if (streams.leadership(leadership.partition()) == leadership) {
      return true;
    }
    result.completeExceptionally(
        new HighwaterException(
            ErrorCode.NOT_LEADER_OR_FOLLOWER,
            "leadership ended in epoch " + leadership.leaderEpoch()));
    return false;
  }

  private void ask(RangeHash found) {
    if (!isCurrent()) {
      return;
    }
    // Asked after the look: no cleaning begins before this says so.
    if (log.mayHaveGaps() || found.bytes() == 0) {
      nothing(found.fromOffset(), log.highWatermark());
      return;
    }
    own = found;
    round++;
    contents.clear();
    contents.put(streams.brokerId(), found.sha256());
    findsSomebodyToAsk(found.endOffset());
    awaited.addAll(asked.keySet());
    int asking = round;
    patience = streams.loop().schedule(RangeQuestions.PATIENCE_MS, this::patienceEnded);
    for (Map.Entry<Integer, PushCursor> follower : asked.entrySet()) {
      follower
          .getValue()
          .sender()
          .ranges()
          .ask(
              leadership,
              found,
              streams.nowMs(),
              answer -> answered(asking, follower.getKey(), answer));
    }
    if (asked.isEmpty()) {
      conclude();
    }
  }

  private void answered(int ofRound, int follower, HashAnswer answer) {
    if (ofRound != round || !awaited.remove(follower)) {
      return; // Late.
    }
    if (!answer.tells()) {
      silent.put(follower, answer.problem());
    } else if (follows(follower)) {
      contents.put(follower, answer.sha256());
    } else {
      silent.put(follower, "it began to follow anew");
    }
    if (awaited.isEmpty()) {
      conclude();
    }
  }

  /** Without a break since it was asked. */
  private boolean follows(int follower) {
    return leadership.cursor(follower) == asked.get(follower);
  }

  private void patienceEnded() {
    for (int follower : awaited) {
      silent.put(follower, "it did not answer");
    }
    awaited.clear();
    conclude();
  }

  private void conclude() {
    patience.cancel();
    if (!isCurrent()) {
      return;
    }
    if (before == null && differs()) {
      before = Map.copyOf(contents);
      look(own.fromOffset(), own.endOffset());
      return;
    }
    if (before != null) {
      forgetWhatWasSaidOnce();
    }
    Set<Integer> yielding = differs() ? settle() : Set.of();
    result.complete(
        new ComparedRange(
            own.fromOffset(),
            own.endOffset(),
            log.highWatermark(),
            own.bytes(),
            true,
            contents,
            silent,
            yielding));
  }

  private boolean differs() {
    return new HashSet<>(contents.values()).size() > 1;
  }

  private void forgetWhatWasSaidOnce() {
    contents
        .entrySet()
        .removeIf(
            held -> {
              boolean another = !held.getValue().equals(before.get(held.getKey()));
              if (another) {
                silent.put(held.getKey(), "it did not say the same twice");
              }
              return another;
            });
  }

  /** Whoever is outvoted goes offline; where nobody is, an operator says whether the others do. */
  private Set<Integer> settle() {
    Set<Integer> yielding =
        ContentVote.outvoted(contents, 1 + leadership.state().followers().size());
    if (yielding.isEmpty() && repair && contents.containsKey(streams.brokerId())) {
      yielding.addAll(contents.keySet());
      yielding.removeIf(broker -> contents.get(broker).equals(own.sha256()));
    }
    yielding.removeIf(broker -> broker != streams.brokerId() && !mayBeTurnedAway(broker));
    if (yielding.contains(streams.brokerId()) && !canHandOver(yielding)) {
      yielding.clear();
    }
    String what = text();
    LOG.error(
        "{}; {}", what, yielding.isEmpty() ? "none is taken offline" : "offline: " + yielding);
    for (int broker : yielding) {
      if (broker != streams.brokerId()) {
        asked.get(broker).sender().differs(leadership, own.endOffset(), what);
      }
    }
    if (yielding.contains(streams.brokerId())) {
      leadership.giveWay(what); // Last: nobody hears of this epoch's leader any more.
    }
    return yielding;
  }

  /**
   * Not who is just let into the in-sync set: that could be committed after it is known to be
   * offline, and somebody without a log would count.
   */
  private boolean mayBeTurnedAway(int follower) {
    InSyncSet inSync = leadership.state().inSync();
    return follows(follower) && (inSync.isCommitted(follower) || !inSync.isInMaximal(follower));
  }

  /** Whether somebody who is right has all that is committed. */
  private boolean canHandOver(Set<Integer> yielding) {
    for (int broker : contents.keySet()) {
      if (!yielding.contains(broker) && leadership.state().inSync().isCommitted(broker)) {
        return true;
      }
    }
    return false;
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    text.append(log.partition()).append(" differs between replicas at offsets ");
    text.append(own.fromOffset()).append(" to ").append(own.endOffset() - 1);
    String separator = " (SHA-256): ";
    for (Map.Entry<Integer, String> held : contents.entrySet()) {
      text.append(separator).append("broker ").append(held.getKey());
      text.append(" holds ").append(held.getValue());
      separator = ", ";
    }
    return text.toString();
  }
}
