package io.highwater.proto;

/** Which replicas must have a batch before its append is acknowledged. */
public enum Acks {
  /** None: the answer leaves as soon as the broker has the batch. */
  NONE(1),
  /** The leader has appended it. */
  LEADER(2),
  /** The high watermark passed it with at least min.insync.replicas in sync (ACK-1). */
  ALL(3);

  private final int wire;

  Acks(int wire) {
    this.wire = wire;
  }

  /** The number of {@code highwater.v1.Acks}. */
  public int wire() {
    return wire;
  }

  /**
   * The value of a number on the wire; 0, the unset field, means {@link #ALL}.
   *
   * @throws HighwaterException INVALID_REQUEST when the number is none of ours
   */
  public static Acks of(int wire) {
    return switch (wire) {
      case 0, 3 -> ALL;
      case 1 -> NONE;
      case 2 -> LEADER;
      default ->
          throw new HighwaterException(ErrorCode.INVALID_REQUEST, "acks has no value " + wire);
    };
  }
}
