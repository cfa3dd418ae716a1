package io.highwater.server.produce;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the bytes of batches that wait to be looked into, by client and in all, within a bound. On
 * the owner loop.
 */
final class WaitingBatches {
  private static final int CLIENT_PART = 8;
  private static final int RESERVE_PART = 4;

  private final long maxBytes;
  private final Map<Object, Long> byClient = new HashMap<>();
  private long heldBytes;

  /**
   * @param maxBytes in all; one client has an eighth, and a quarter is for those who have none
   *     waiting
   */
  WaitingBatches(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Whether half of what there may be is left, so that the client may be read from. */
  boolean takesMore(Object client) {
    return heldBytes < maxBytes / 2 && held(client) < maxBytes / CLIENT_PART / 2;
  }

  /**
   * Counts a batch. Of a client that has none waiting it may be as large as there is room.
   *
   * @throws HighwaterException THROTTLING_QUOTA_EXCEEDED when there is no room for it
   */
  void take(Object client, int bytes) {
    long held = held(client);
    boolean isWithinPart =
        held + bytes <= maxBytes / CLIENT_PART
            && heldBytes + bytes <= maxBytes - maxBytes / RESERVE_PART;
    if (heldBytes + bytes > maxBytes || (held > 0 && !isWithinPart)) {
      throw new HighwaterException(
          ErrorCode.THROTTLING_QUOTA_EXCEEDED,
          "too many compressed batches wait to be looked into: "
              + held
              + " bytes of this connection, "
              + heldBytes
              + " in all (request.memory.ratio)");
    }
    heldBytes += bytes;
    byClient.put(client, held + bytes);
  }

  /** A batch waits no more. */
  void giveBack(Object client, int bytes) {
    heldBytes -= bytes;
    byClient.compute(client, (key, held) -> held == bytes ? null : held - bytes);
  }

  private long held(Object client) {
    return byClient.getOrDefault(client, 0L);
  }
}
