package io.highwater.server.produce;

/**
 * The credit of one produce stream: how many bytes of records the client may have sent in all. What
 * was answered is granted anew, so what is under way stays within the window and so does memory.
 */
public final class ProduceWindow {
  private final long windowBytes;
  private long grantedBytes;
  private long receivedBytes;
  private long answeredBytes;

  /** A stream that begins with a credit of {@code windowBytes}. */
  public ProduceWindow(long windowBytes) {
    this.windowBytes = windowBytes;
    this.grantedBytes = windowBytes;
  }

  /**
   * Counts a batch that came.
   *
   * @return false when all credit was spent before it: one batch may overdraw, not a second one
   */
  public boolean receive(int bytes) {
    boolean inCredit = receivedBytes < grantedBytes;
    receivedBytes += bytes;
    return inCredit;
  }

  /** Counts a batch that was answered. */
  public void answered(int bytes) {
    answeredBytes += bytes;
  }

  /** Whether enough was answered since the last grant to be worth a frame. */
  public boolean isGrantDue() {
    return answeredBytes + windowBytes - grantedBytes >= windowBytes / 4;
  }

  /** Grants all that was answered; the new cumulative credit in bytes. */
  public long grant() {
    grantedBytes = answeredBytes + windowBytes;
    return grantedBytes;
  }
}
