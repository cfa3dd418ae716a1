package io.highwater.proto.record;

import java.util.Arrays;
import java.util.Locale;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The first {@link BatchLayout#HEADER_BYTES} bytes of a stored batch, kept: where it lies, in which
 * epoch and from whom it came, and the CRC-32C of its records. Enough to tell whether two replicas
 * hold the same batch, without its records. Immutable; what it says is not checked against records.
 */
public final class BatchHeader {
  private static final int KEPT_FLAGS =
      BatchLayout.TRANSACTIONAL_FLAG | BatchLayout.CONTROL_FLAG | BatchLayout.LOG_APPEND_TIME_FLAG;

  private final byte[] bytes;
  private final BatchView view;

  private BatchHeader(byte[] bytes) {
    this.bytes = bytes;
    this.view = new BatchView().wrap(new UnsafeBuffer(bytes), 0);
  }

  /**
   * Copies a header.
   *
   * @throws IllegalArgumentException when it has another size
   */
  public static BatchHeader of(byte[] bytes) {
    if (bytes.length != BatchLayout.HEADER_BYTES) {
      throw new IllegalArgumentException("a batch header of " + bytes.length + " bytes");
    }
    return new BatchHeader(bytes.clone());
  }

  /** A copy of the bytes, for another broker. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** Offset of the first record. */
  public long baseOffset() {
    return view.baseOffset();
  }

  /** Offset of the last record. */
  public long lastOffset() {
    return view.lastOffset();
  }

  /**
   * Whether two batches that should be the same one cannot be (REP-9). Compaction takes records out
   * of a batch and marks it, on each replica in its own time: then only what it leaves alone is
   * compared. So it may miss a difference, and never claims one where there is none.
   */
  public boolean contradicts(BatchHeader other) {
    if (isUntouched() && other.isUntouched()) {
      return !Arrays.equals(bytes, other.bytes);
    }
    return baseOffset() != other.baseOffset()
        || lastOffset() != other.lastOffset()
        || view.leaderEpoch() != other.view.leaderEpoch()
        || view.producerId() != other.view.producerId()
        || view.producerEpoch() != other.view.producerEpoch()
        || view.baseSequence() != other.view.baseSequence()
        || (view.attributes() & KEPT_FLAGS) != (other.view.attributes() & KEPT_FLAGS);
  }

  /** A producer's batch has a record for each offset, and no delete horizon. */
  private boolean isUntouched() {
    return view.recordCount() == view.lastOffsetDelta() + 1 && !view.hasDeleteHorizon();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BatchHeader header && Arrays.equals(bytes, header.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** For people: what distinguishes the batch. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "offsets %d to %d, epoch %d, crc %08x",
        baseOffset(),
        lastOffset(),
        view.leaderEpoch(),
        view.crc());
  }
}
