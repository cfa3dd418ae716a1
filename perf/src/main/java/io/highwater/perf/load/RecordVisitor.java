package io.highwater.perf.load;

/** Sees records as they are read. */
@FunctionalInterface
public interface RecordVisitor {
  /**
   * One record.
   *
   * @param array holds its value; borrowed until this returns
   * @param from where the value begins
   * @param length of the value, in bytes
   */
  void record(int partition, long offset, byte[] array, int from, int length);
}
