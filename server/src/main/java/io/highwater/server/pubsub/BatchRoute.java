package io.highwater.server.pubsub;

import io.highwater.server.produce.Append;
import io.highwater.server.produce.AppendOutcome;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The way of a batch to the leader of its partition, on this broker or another. On the owner loop.
 */
@FunctionalInterface
public interface BatchRoute {
  /**
   * Appends a batch.
   *
   * @param records borrowed until this returns
   * @param answer called exactly once, possibly before this returns
   */
  void append(Append request, ByteBuffer records, Consumer<AppendOutcome> answer);
}
