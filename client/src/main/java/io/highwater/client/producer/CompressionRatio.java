package io.highwater.client.producer;

/**
 * What compression lately made of a topic's batches: how much content a batch of a wanted size
 * takes. Gets worse at once and better by and by, so that batches rarely come out too large.
 * Written by the loop, read by any thread.
 */
final class CompressionRatio {
  /** Content is at most so many times what a batch should come to: it waits in memory as it is. */
  static final int MAX_GROWTH = 8;

  /** The share of a difference by which the estimate follows batches that compress better. */
  private static final float IMPROVEMENT = 1 / 8f;

  private volatile float estimate = 1;

  /** A batch's content of so many bytes became so many. Loop only. */
  void observed(int contentBytes, int compressedBytes) {
    float ratio = Math.min(1, (float) compressedBytes / contentBytes);
    float before = estimate;
    estimate = ratio > before ? ratio : before + (ratio - before) * IMPROVEMENT;
  }

  /**
   * The content that will probably come to {@code batchBytes}, in whole multiples of it, so that
   * memory of equal size goes round.
   *
   * @param batchBytes what a batch should come to
   * @param maxBatchBytes the most that it may come to should it not compress at all
   */
  int contentBytes(int batchBytes, int maxBatchBytes) {
    int growth = Math.min(MAX_GROWTH, (int) (1 / estimate));
    return (int) Math.min(maxBatchBytes, (long) batchBytes * Math.max(1, growth));
  }
}
