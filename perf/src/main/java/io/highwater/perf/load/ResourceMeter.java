package io.highwater.perf.load;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What this process and the brokers use, between a reading and a later one. */
final class ResourceMeter {
  private final com.sun.management.OperatingSystemMXBean process =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final com.sun.management.ThreadMXBean threads =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final CpuClock cpuClock = new CpuClock(Path.of("/proc"));
  private final List<Long> brokerPids;

  ResourceMeter(List<Long> brokerPids) {
    this.brokerPids = brokerPids;
  }

  /**
   * What was used until a moment.
   *
   * @param cpuNanos of this process
   * @param brokerMicros CPU of the brokers' processes, by pid, where it can be told
   * @param allocatedBytes by thread
   * @param gcMillis of this process
   */
  record Reading(
      long cpuNanos, Map<Long, Long> brokerMicros, Map<Long, Long> allocatedBytes, long gcMillis) {}

  /** What has been used until now. */
  Reading read() {
    Map<Long, Long> brokerMicros = new HashMap<>();
    for (long pid : brokerPids) {
      OptionalLong micros = cpuClock.microsOf(pid);
      if (micros.isPresent()) {
        brokerMicros.put(pid, micros.getAsLong());
      }
    }
    Map<Long, Long> allocatedBytes = new HashMap<>();
    long[] ids = threads.getAllThreadIds();
    long[] allocated = threads.getThreadAllocatedBytes(ids);
    for (int i = 0; i < ids.length; i++) {
      if (allocated[i] >= 0) {
        allocatedBytes.put(ids[i], allocated[i]);
      }
    }
    long gcMillis = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      gcMillis += Math.max(0, collector.getCollectionTime());
    }
    return new Reading(process.getProcessCpuTime(), brokerMicros, allocatedBytes, gcMillis);
  }

  /** CPU of each broker between two readings, per record. */
  List<LoadResult.BrokerCpu> brokers(Reading begin, Reading end, long records) {
    List<LoadResult.BrokerCpu> brokers = new ArrayList<>();
    for (long pid : brokerPids) {
      Long from = begin.brokerMicros().get(pid);
      Long to = end.brokerMicros().get(pid);
      brokers.add(
          new LoadResult.BrokerCpu(
              pid, from == null || to == null ? null : perRecord((double) (to - from), records)));
    }
    return brokers;
  }

  /** Bytes allocated between two readings by the threads that live at the second. */
  static long allocatedBytes(Reading begin, Reading end) {
    long bytes = 0;
    for (Map.Entry<Long, Long> thread : end.allocatedBytes().entrySet()) {
      bytes += thread.getValue() - begin.allocatedBytes().getOrDefault(thread.getKey(), 0L);
    }
    return bytes;
  }

  /** A share, to three decimals; 0 when there are no records. */
  static double perRecord(double amount, long records) {
    return records == 0 ? 0 : Math.round(amount / records * 1e3) / 1e3;
  }
}
