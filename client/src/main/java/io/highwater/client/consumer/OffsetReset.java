package io.highwater.client.consumer;

/** What a consumer does when its position is gone (CON-1). */
public enum OffsetReset {
  /** {@code poll} throws {@link OffsetGapException}; the position stays until a seek. */
  FAIL,
  /** Goes on at the log start offset, after a loss where that began, and logs it. */
  EARLIEST,
  /** Goes on at the high watermark, and logs what was skipped. */
  LATEST
}
