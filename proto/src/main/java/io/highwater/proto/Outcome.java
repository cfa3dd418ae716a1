package io.highwater.proto;

/** What became of something that was asked for: an append, or a change of the cluster (ACK-2). */
public enum Outcome {
  /** It is done, as durable as it was asked for. */
  DONE(1),
  /** It had no effect and will have none. */
  REFUSED(2),
  /** It may have had its effect, or have it later. */
  UNKNOWN(3);

  private final int wire;

  Outcome(int wire) {
    this.wire = wire;
  }

  /** The number of {@code highwater.v1.Outcome}. */
  public int wire() {
    return wire;
  }

  /**
   * The value of a number on the wire. Whoever does not say it, or says something newer, is taken
   * at the least that the error beside it allows: without an error it is done, else unknown.
   */
  public static Outcome of(int wire, ErrorCode error) {
    return switch (wire) {
      case 1 -> DONE;
      case 2 -> REFUSED;
      case 3 -> UNKNOWN;
      default -> error == ErrorCode.NONE ? DONE : UNKNOWN;
    };
  }
}
