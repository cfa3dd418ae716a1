package io.highwater.client.consumer;

import io.highwater.proto.HighwaterException;
import java.util.function.Consumer;

/** What an iteration does where the records of a batch cannot be read. */
@FunctionalInterface
public interface CorruptRecords {
  /** It ends there, with the error. */
  CorruptRecords FAIL =
      (range, cause) -> {
        throw cause;
      };

  /**
   * Called by the iterating thread; iteration goes on behind the range unless this throws.
   *
   * @param cause CORRUPT_MESSAGE, or MESSAGE_TOO_LARGE for what inflates beyond {@link
   *     ConsumerBuilder#maxBatchBytes}
   */
  void met(CorruptRange range, HighwaterException cause);

  /**
   * It goes on behind them.
   *
   * @param listener hears of each range that is passed over
   */
  static CorruptRecords skip(Consumer<CorruptRange> listener) {
    return (range, cause) -> listener.accept(range);
  }
}
