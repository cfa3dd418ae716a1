package io.highwater.perf.system;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A system that can be measured. Used by one thread. */
public interface ComparedSystem {
  /** Its name in results, e.g. {@code kafka}. */
  String name();

  /** The arrangements that it knows. */
  boolean supports(Topology topology);

  /**
   * Why it cannot be measured here; empty when it can. The first call may take minutes: a peer is
   * resolved and its adaptor compiled.
   */
  Optional<String> skipReason();

  /** What a reader of its figures must know: version, flags of brokers and clients, in order. */
  Map<String, String> setup(Purpose purpose);

  /**
   * Starts it; returns when it serves.
   *
   * @param dataDirectory where its files go: absent or empty
   * @throws SystemFailureException when it does not come up; nothing of it runs then
   */
  RunningSystem start(Topology topology, Purpose purpose, Path dataDirectory);

  /** Starts it for throughput. */
  default RunningSystem start(Topology topology, Path dataDirectory) {
    return start(topology, Purpose.THROUGHPUT, dataDirectory);
  }
}
