package io.highwater.client.consumer;

/**
 * How long a stream has brought nothing. It may have nothing to bring, or its broker hangs and
 * keeps its connections: then others know whether somebody leads in its place. Pure; looked at now
 * and then, so that frames cost no look at the clock.
 */
final class StreamSilence {
  /** After so many questions in a row they become as much rarer: the partition may be quiet. */
  private static final int QUESTIONS = 8;

  private final long patienceNanos;
  private boolean heard;
  private long silentSinceNanos;
  private long askedNanos;

  /**
   * @param patienceNanos after that a stream is silent, and as often others are asked; eight times
   *     as long between two questions once it has been silent for so long
   */
  StreamSilence(long patienceNanos, long nowNanos) {
    this.patienceNanos = patienceNanos;
    this.silentSinceNanos = nowNanos;
    this.askedNanos = nowNanos;
  }

  /** Something came. */
  void heard() {
    heard = true;
  }

  /**
   * Looks.
   *
   * @return whether it is time to ask others
   */
  boolean look(long nowNanos) {
    if (heard) {
      heard = false;
      silentSinceNanos = nowNanos;
      askedNanos = nowNanos;
    }
    boolean quiet = nowNanos - silentSinceNanos > QUESTIONS * patienceNanos;
    boolean due = nowNanos - askedNanos >= (quiet ? QUESTIONS * patienceNanos : patienceNanos);
    if (due) {
      askedNanos = nowNanos;
    }
    return due;
  }

  /** Whether nothing has come for longer than one waits. */
  boolean isSilent(long nowNanos) {
    return !heard && nowNanos - silentSinceNanos >= patienceNanos;
  }
}
