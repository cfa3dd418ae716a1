package io.highwater.log.segment;

import io.highwater.proto.TopicIdPartition;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/** Whose a file is, in its bytes: i64 i64 topic id, i32 partition. */
final class Owner {
  static final int BYTES = 2 * Long.BYTES + Integer.BYTES;

  private Owner() {}

  static void encode(TopicIdPartition owner, ByteBuffer to) {
    to.putLong(owner.topicId().getMostSignificantBits());
    to.putLong(owner.topicId().getLeastSignificantBits());
    to.putInt(owner.partition());
  }

  /** Reads what {@link #encode} wrote; empty when that names no partition. */
  static Optional<TopicIdPartition> decode(ByteBuffer from) {
    UUID topicId = new UUID(from.getLong(), from.getLong());
    int partition = from.getInt();
    return partition < 0 ? Optional.empty() : Optional.of(new TopicIdPartition(topicId, partition));
  }
}
