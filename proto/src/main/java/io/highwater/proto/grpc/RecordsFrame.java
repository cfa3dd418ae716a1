package io.highwater.proto.grpc;

import com.google.protobuf.MessageLite;
import io.highwater.proto.Invariant;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * One message of a stream that carries record batches: a generated message for the small fields
 * and, beside it, the bytes of its {@code records} field. On the wire it is that generated message.
 *
 * <p>The bytes belong to the frame until it is released, exactly once: by the marshaller when the
 * frame was sent or gRPC dropped it, by the receiver when it came in. Not thread-safe.
 *
 * @param <M> the generated message
 */
public final class RecordsFrame<M extends MessageLite> {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final M head;
  private final ByteBuffer records;
  private final Runnable onRelease;
  private boolean released;

  private RecordsFrame(M head, ByteBuffer records, Runnable onRelease) {
    this.head = Objects.requireNonNull(head, "head");
    this.records = records;
    this.onRelease = onRelease;
  }

  /** A frame without records. */
  public static <M extends MessageLite> RecordsFrame<M> of(M head) {
    return new RecordsFrame<>(head, NOTHING, () -> {});
  }

  /**
   * A frame with records.
   *
   * @param head the small fields; its {@code records} field is not set
   * @param records from position to limit, backed by an array
   * @param onRelease called once, when the frame needs the bytes no longer
   */
  public static <M extends MessageLite> RecordsFrame<M> of(
      M head, ByteBuffer records, Runnable onRelease) {
    if (!records.hasArray()) {
      throw new IllegalArgumentException("records must be backed by an array");
    }
    return new RecordsFrame<>(head, records, onRelease);
  }

  /** The small fields. */
  public M head() {
    return head;
  }

  /** The records between position and limit; not to be used once the frame is released. */
  public ByteBuffer records() {
    Invariant.check(!released, "the records of a released frame are not read");
    return records;
  }

  /** Gives the bytes back. */
  public void release() {
    Invariant.check(!released, "a frame is released once");
    released = true;
    onRelease.run();
  }
}
