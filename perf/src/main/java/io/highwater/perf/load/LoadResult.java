package io.highwater.perf.load;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * What came of a run. Figures are of the measured part alone, unless they say otherwise.
 *
 * @param spec what was run
 * @param warmupRecords records that went before, as many as there were
 * @param warmupSeconds how long that took
 * @param records acknowledged, or read
 * @param bytes of their values
 * @param seconds from the first send or poll to the last answer or record
 * @param recordsPerSecond records by seconds
 * @param megabytesPerSecond millions of bytes by seconds
 * @param latency percentiles; null when nothing was timed, as when consuming
 * @param sendLag how long after their intended times records were handed to the client, the
 *     generator's own share of {@code latency}; null without a rate
 * @param clientCpuMicrosPerRecord CPU time of this process, the load generator's own included
 * @param brokers CPU time of the brokers' processes that were named
 * @param allocatedBytesPerRecord heap that threads of this process allocated, the load generator's
 *     included
 * @param gcMillis time this process spent in garbage collections
 * @param failures records that were not acknowledged; the first one ends a run
 * @param failure what the first of them said, or what else ended the run; null when all went well
 * @param written what all producers sent, warm-up included: what a consumer must find. Null when
 *     nothing was sent or records failed
 * @param verification whether what was read is what was written; null when nothing was read
 * @param interrupted whether somebody ended the run before its time
 */
public record LoadResult(
    LoadSpec spec,
    long warmupRecords,
    double warmupSeconds,
    long records,
    long bytes,
    double seconds,
    double recordsPerSecond,
    double megabytesPerSecond,
    Latency latency,
    Latency sendLag,
    double clientCpuMicrosPerRecord,
    List<BrokerCpu> brokers,
    double allocatedBytesPerRecord,
    long gcMillis,
    long failures,
    String failure,
    Tally written,
    Verification verification,
    boolean interrupted) {
  public LoadResult {
    brokers = List.copyOf(brokers);
  }

  /**
   * CPU time of one broker.
   *
   * @param pid its process
   * @param microsPerRecord null when it could not be read at both ends: the process ended, or is
   *     somebody else's
   */
  public record BrokerCpu(long pid, Double microsPerRecord) {}

  /** Whether the figures may be believed: nothing failed and what was read was right. */
  @JsonIgnore
  public boolean isSound() {
    return failures == 0
        && failure == null
        && (verification == null || verification.verdict() != Verification.Verdict.WRONG);
  }
}
