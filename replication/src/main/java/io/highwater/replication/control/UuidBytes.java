package io.highwater.replication.control;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.UUID;

/** A UUID as the 16 bytes of the contracts, most significant first. */
final class UuidBytes {
  private static final int BYTES = 16;

  private UuidBytes() {}

  static ByteString of(UUID id) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()).flip();
    return ByteString.copyFrom(bytes);
  }

  static UUID uuid(ByteString bytes) {
    if (bytes.size() != BYTES) {
      throw new IllegalArgumentException("an id has 16 bytes, not " + bytes.size());
    }
    ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
    return new UUID(buffer.getLong(), buffer.getLong());
  }
}
