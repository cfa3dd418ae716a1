package io.highwater.log.checkpoint;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;

/** Ids as Kafka writes them: 16 bytes in base64url without padding. */
public final class Base64Uuid {
  private static final int BYTES = 16;

  private Base64Uuid() {}

  /** The 22 characters of an id. */
  public static String encode(UUID id) {
    byte[] bytes =
        ByteBuffer.allocate(BYTES)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * The id of a text.
   *
   * @throws IllegalArgumentException when it is not one
   */
  public static UUID decode(String text) {
    byte[] bytes = Base64.getUrlDecoder().decode(text);
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("'" + text + "' is not an id of 16 bytes");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new UUID(buffer.getLong(), buffer.getLong());
  }
}
