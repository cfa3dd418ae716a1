package io.highwater.client.cli;

import java.util.Locale;

/**
 * What quickstart measured and proved.
 *
 * @param brokers how many there were
 * @param records acknowledged, and read back exactly once, byte for byte, in order
 * @param bytes of their keys and values
 * @param produceSeconds from the first send to the last acknowledgement, the outage included
 * @param megabytesPerSecond produced, 10^6 bytes
 * @param ackP50Ms from send to acknowledgement, the median
 * @param ackP99Ms 99 of 100 records were faster
 * @param ackMaxMs the slowest record
 * @param killedBroker node id of the broker that was killed
 * @param withoutLeaderMs the longest time without an acknowledgement of partition 0 around the
 *     kill, or null when nothing was sent to it afterwards
 * @param isrRecoverySeconds from the restart of the dead broker to full in-sync sets everywhere
 * @param totalSeconds the whole run
 * @param data where the brokers' files are, or null when they are removed
 */
record QuickstartReport(
    int brokers,
    long records,
    long bytes,
    double produceSeconds,
    double megabytesPerSecond,
    double ackP50Ms,
    double ackP99Ms,
    double ackMaxMs,
    int killedBroker,
    Double withoutLeaderMs,
    double isrRecoverySeconds,
    double totalSeconds,
    String data) {
  /** The same for people. */
  String text() {
    String gap =
        withoutLeaderMs == null
            ? "not measured: nothing was sent to partition 0 after the kill"
            : String.format(
                Locale.ROOT, "%.0f ms (partition 0, no acknowledgement)", withoutLeaderMs);
    String text =
        String.format(
            Locale.ROOT,
            """
            proven               every acknowledged record came back exactly once, byte for byte, in order
            records              %,d (%.1f MB) in %.1f s: %,.0f records/s, %.1f MB/s, acks=all
            ack latency          p50 %.1f ms, p99 %.1f ms, max %.1f ms
            broker killed        node %d of %d, SIGKILL
            without a leader     %s
            ISR recovery         %.1f s after the restart
            """,
            records,
            bytes / 1e6,
            produceSeconds,
            records / produceSeconds,
            megabytesPerSecond,
            ackP50Ms,
            ackP99Ms,
            ackMaxMs,
            killedBroker,
            brokers,
            gap,
            isrRecoverySeconds);
    return data == null ? text : text + "data                 " + data + "\n";
  }
}
