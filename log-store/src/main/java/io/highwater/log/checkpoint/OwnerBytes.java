package io.highwater.log.checkpoint;

import io.highwater.proto.TopicIdPartition;
import java.nio.ByteBuffer;
import java.util.UUID;

/** Whose a state file is, as its checksum covers it (STO-11). */
final class OwnerBytes {
  private static final int UUID_BYTES = 2 * Long.BYTES;

  private OwnerBytes() {}

  /** Of a log directory. */
  static byte[] of(UUID directoryId) {
    ByteBuffer bytes = ByteBuffer.allocate(UUID_BYTES);
    put(directoryId, bytes);
    return bytes.array();
  }

  /** Of a partition. */
  static byte[] of(TopicIdPartition partition) {
    ByteBuffer bytes = ByteBuffer.allocate(UUID_BYTES + Integer.BYTES);
    put(partition.topicId(), bytes);
    bytes.putInt(partition.partition());
    return bytes.array();
  }

  private static void put(UUID id, ByteBuffer into) {
    into.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }
}
