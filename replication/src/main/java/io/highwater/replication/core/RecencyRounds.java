package io.highwater.replication.core;

import java.util.ArrayDeque;

/**
 * Claims about recency that wait until every in-sync follower has confirmed, after the claim came,
 * that it still follows in this epoch (FEN-2). Claims share numbered rounds: a frame to a follower
 * carries the newest number, its next acknowledgement echoes it. Whoever follows a newer epoch
 * echoes nothing, so a leader that was replaced without knowing it confirms nothing any more. Pure.
 *
 * @param <T> what waits
 */
public final class RecencyRounds<T> {
  /** Stands for no round: the first is 1. */
  public static final long NONE = 0;

  private record Claim<T>(T claim, long round, long deadlineMs) {}

  private final long timeoutMs;
  private final ArrayDeque<Claim<T>> claims = new ArrayDeque<>();
  private long newest = NONE;
  private boolean onItsWay;

  /**
   * No claims yet.
   *
   * @param timeoutMs how long a claim waits
   */
  public RecencyRounds(long timeoutMs) {
    this.timeoutMs = timeoutMs;
  }

  /** Adds a claim. It shares the newest round unless a frame with that may be out already. */
  public void claim(T claim, long nowMs) {
    if (newest == NONE || onItsWay) {
      newest++;
      onItsWay = false;
    }
    claims.addLast(new Claim<>(claim, newest, nowMs + timeoutMs));
  }

  /** The newest round, or {@link #NONE}. */
  public long newest() {
    return newest;
  }

  /** The newest round for a frame that leaves now: later claims need another. */
  public long send() {
    onItsWay = true;
    return newest;
  }

  /** Takes the next claim whose round is at most {@code confirmed}; null when there is none. */
  public T pollConfirmed(long confirmed) {
    Claim<T> first = claims.peekFirst();
    return first != null && first.round() <= confirmed ? claims.pollFirst().claim() : null;
  }

  /** Takes the next claim that waited too long; null when there is none. */
  public T pollExpired(long nowMs) {
    Claim<T> first = claims.peekFirst();
    return first != null && first.deadlineMs() <= nowMs ? claims.pollFirst().claim() : null;
  }

  /**
   * Takes the next claim whatever it waits for, because the epoch ended; null when none is left.
   */
  public T poll() {
    Claim<T> first = claims.pollFirst();
    return first == null ? null : first.claim();
  }

  /** Whether nothing waits. */
  public boolean isEmpty() {
    return claims.isEmpty();
  }
}
