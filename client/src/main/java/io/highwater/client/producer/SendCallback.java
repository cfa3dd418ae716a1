package io.highwater.client.producer;

import io.highwater.proto.HighwaterException;

/** Hears of a record's end. One callback may serve many records. */
@FunctionalInterface
public interface SendCallback {
  /**
   * The record was acknowledged or failed; called exactly once. Runs on the client's event loop, or
   * within {@code send} when the record fails there: be quick and never block. Callbacks of one
   * partition come in the order of the sends, as long as the records are acknowledged.
   *
   * @param metadata the receipt, or null when the record failed
   * @param failure why it failed, or null. Its {@link HighwaterException#outcome()} says whether
   *     the record may be in the log all the same
   */
  void completed(RecordMetadata metadata, HighwaterException failure);
}
