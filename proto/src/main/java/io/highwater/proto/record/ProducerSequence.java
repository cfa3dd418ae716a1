package io.highwater.proto.record;

/** Arithmetic of producer sequence numbers: 0 to 2^31-1, then 0 again (IDM-1). */
public final class ProducerSequence {
  private ProducerSequence() {}

  /**
   * The sequence number {@code records} after another.
   *
   * @param sequence from 0
   * @param records from 0
   */
  public static int plus(int sequence, int records) {
    return (int) ((long) sequence + records & Integer.MAX_VALUE);
  }
}
