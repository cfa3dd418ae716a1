package io.highwater.log.retain;

/**
 * When whole sealed segments may go by themselves (RET-1).
 *
 * @param deletes whether age and size delete at all: {@code cleanup.policy} includes "delete"
 * @param retentionMs a segment goes when its last append is older than this ({@code retention.ms});
 *     {@link #UNLIMITED} keeps for ever
 * @param retentionBytes the oldest segments go while those that follow hold at least this many
 *     bytes ({@code retention.bytes}); 0 keeps none, {@link #UNLIMITED} sets no bound
 */
public record RetentionConfig(boolean deletes, long retentionMs, long retentionBytes) {
  /** No limit. */
  public static final long UNLIMITED = -1;

  /** Kafka's defaults: a week, however many bytes that is. */
  public static final RetentionConfig DEFAULT =
      new RetentionConfig(true, 7 * 86_400_000L, UNLIMITED);

  public RetentionConfig {
    if (retentionMs < UNLIMITED || retentionBytes < UNLIMITED) {
      throw new IllegalArgumentException(
          "retention of " + retentionMs + " ms and " + retentionBytes + " bytes");
    }
  }
}
