package io.highwater.perf.load;

/** The payloads of one producer, in the order in which it sends them. Belongs to one thread. */
interface PayloadSequence {
  /**
   * The next one.
   *
   * @param beginNanos when its latency begins, or {@link SendCompletion#NO_TOKEN}
   */
  byte[] next(long beginNanos);

  /** The CRC32C of the one that {@link #next} returned last, as a signed int. */
  int checksum();

  /**
   * Payloads made beforehand, in turn, for ever.
   *
   * @param first where in the pool to begin
   */
  static PayloadSequence cycling(Payloads pool, int first) {
    return new PayloadSequence() {
      private int index = (first - 1 + pool.count()) % pool.count();

      @Override
      public byte[] next(long beginNanos) {
        index = index + 1 == pool.count() ? 0 : index + 1;
        return pool.at(index);
      }

      @Override
      public int checksum() {
        return pool.checksumAt(index);
      }
    };
  }
}
