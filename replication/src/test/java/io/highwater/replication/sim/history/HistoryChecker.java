package io.highwater.replication.sim.history;

import io.highwater.proto.Outcome;
import io.highwater.replication.sim.history.Anomaly.Kind;
import io.highwater.replication.sim.history.ClientHistory.EndAnswer;
import io.highwater.replication.sim.history.ClientHistory.Poll;
import io.highwater.replication.sim.history.ClientHistory.Read;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * Judges the history of one partition: is there one log that explains everything that clients were
 * told? Each rule is one pass or one sort; unique values and offsets make a search for an order
 * needless.
 */
public final class HistoryChecker {
  /** More of a kind says no more. */
  private static final int MOST_OF_A_KIND = 8;

  private final ClientHistory history;
  private final Map<Long, Send> writers = new HashMap<>();
  private final Set<Long> read = new HashSet<>();
  private final Set<Long> readAtLast = new HashSet<>();
  private final NavigableMap<Long, Long> log = new TreeMap<>();
  private final Map<Kind, List<Anomaly>> found = new EnumMap<>(Kind.class);
  private long highestRead = -1;

  private HistoryChecker(ClientHistory history) {
    this.history = history;
  }

  /** What must not have been seen; empty when all is well. At most eight of a kind. */
  public static List<Anomaly> check(ClientHistory history) {
    return new HistoryChecker(history).check();
  }

  private List<Anomaly> check() {
    indexSends();
    indexPolls();
    indexAcknowledged();
    checkCommitted();
    checkReads();
    checkValues();
    checkRealTime();
    checkPolls();
    checkEnds();
    return found.values().stream().flatMap(List::stream).toList();
  }

  private void add(Kind kind, long offset, String what) {
    List<Anomaly> ofKind = found.computeIfAbsent(kind, unused -> new ArrayList<>());
    if (ofKind.size() < MOST_OF_A_KIND) {
      ofKind.add(new Anomaly(kind, offset, what));
    }
  }

  private void indexSends() {
    for (Send send : history.sends()) {
      for (int i = 0; i < send.count(); i++) {
        writers.put(send.firstValue() + i, send);
      }
    }
  }

  private void indexPolls() {
    for (Poll poll : history.polls()) {
      for (Read each : poll.reads()) {
        if (read.add(each.value()) && !writers.containsKey(each.value())) {
          add(Kind.PHANTOM, each.offset(), "nobody sent " + each.value());
        }
        if (poll.last()) {
          readAtLast.add(each.value());
        }
        highestRead = Math.max(highestRead, each.offset());
        put(each.offset(), each.value());
      }
    }
  }

  /** What was acknowledged without being committed may be gone, unless it was read. */
  private void indexAcknowledged() {
    for (Send send : history.sends()) {
      if (send.outcome() == Outcome.DONE && (send.isCommitted() || isRead(send))) {
        for (int i = 0; i < send.count(); i++) {
          put(send.baseOffset() + i, send.firstValue() + i);
        }
      }
    }
  }

  private boolean isRead(Send send) {
    for (int i = 0; i < send.count(); i++) {
      if (read.contains(send.firstValue() + i)) {
        return true;
      }
    }
    return false;
  }

  private void put(long offset, long value) {
    Long other = log.putIfAbsent(offset, value);
    if (other != null && other != value) {
      add(Kind.INCONSISTENT_OFFSETS, offset, "both " + other + " and " + value);
    }
  }

  private void checkCommitted() {
    for (Send send : history.sends()) {
      for (int i = 0; i < send.count() && send.isCommitted(); i++) {
        long offset = send.baseOffset() + i;
        if (!read.contains(send.firstValue() + i)) {
          add(
              offset <= highestRead ? Kind.LOST_WRITE : Kind.UNSEEN,
              offset,
              send + ", read up to " + highestRead);
        }
      }
    }
  }

  private void checkReads() {
    boolean ended = history.polls().stream().anyMatch(Poll::last);
    for (Poll poll : history.polls()) {
      for (Read each : poll.reads()) {
        if (ended && !readAtLast.contains(each.value())) {
          add(Kind.READ_THEN_GONE, each.offset(), "process " + poll.process() + " read " + each);
        }
        Send send = writers.get(each.value());
        if (send != null && send.outcome() == Outcome.REFUSED) {
          add(Kind.ABORTED_READ, each.offset(), send.toString());
        }
      }
    }
  }

  /** Each value once, those of one producer in the order of their sending. */
  private void checkValues() {
    Map<Long, Long> offsets = new HashMap<>();
    Map<Integer, Long> lastOf = new HashMap<>();
    log.forEach(
        (offset, value) -> {
          Long other = offsets.putIfAbsent(value, offset);
          Send send = writers.get(value);
          if (other != null) {
            add(Kind.DUPLICATE, offset, value + " is also at " + other);
          } else if (send != null) {
            Long before = lastOf.put(send.process(), value);
            if (before != null && before > value) {
              add(Kind.REORDERED, offset, value + " comes after " + before);
            }
          }
        });
  }

  private void checkRealTime() {
    List<Send> ended = ascending(history.sends(), Send::endedAt);
    int next = 0;
    Send highest = null;
    for (Send send : history.sends()) {
      while (next < ended.size() && ended.get(next).endedAt() < send.invokedAt()) {
        Send before = ended.get(next++);
        if (before.isCommitted()
            && (highest == null || before.baseOffset() > highest.baseOffset())) {
          highest = before;
        }
      }
      if (highest != null
          && send.outcome() == Outcome.DONE
          && (send.isCommitted() || isRead(send))
          && send.baseOffset() <= highest.baseOffset()) {
        add(Kind.REALTIME_ORDER, send.baseOffset(), send + " after " + highest);
      }
    }
  }

  private void checkPolls() {
    Map<Integer, Long> lastOf = new HashMap<>();
    for (Poll poll : history.polls()) {
      for (Read each : poll.reads()) {
        Long last = lastOf.put(poll.process(), each.offset());
        if (last == null) {
          continue;
        }
        if (each.offset() <= last) {
          add(Kind.NONMONOTONIC_POLL, each.offset(), poll.process() + " was at " + last);
        } else if (log.higherKey(last) < each.offset()) {
          add(Kind.POLL_SKIP, log.higherKey(last), poll.process() + " went on at " + each.offset());
        }
      }
    }
  }

  /** REP-4, FEN-2: an end offset covers what was known when it was asked for. */
  private void checkEnds() {
    // When something became known, and up to where: by a commit, a read or another answer.
    TreeMap<Long, Long> known = new TreeMap<>();
    history.sends().stream()
        .filter(Send::isCommitted)
        .forEach(send -> known.put(send.endedAt(), send.endOffset()));
    for (Poll poll : history.polls()) {
      for (Read each : poll.reads()) {
        known.merge(poll.endedAt(), each.offset() + 1, Math::max);
      }
    }
    history.ends().forEach(end -> known.put(end.endedAt(), end.endOffset()));
    long highest = 0;
    for (EndAnswer end : ascending(history.ends(), EndAnswer::invokedAt)) {
      while (!known.isEmpty() && known.firstKey() < end.invokedAt()) {
        highest = Math.max(highest, known.pollFirstEntry().getValue());
      }
      if (end.endOffset() < highest) {
        add(Kind.STALE_END_OFFSET, end.endOffset(), end + ", but " + highest + " was known");
      }
    }
  }

  private static <T> List<T> ascending(List<T> events, ToLongFunction<T> moment) {
    return events.stream().sorted(Comparator.comparingLong(moment)).toList();
  }
}
