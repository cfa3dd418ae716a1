package io.highwater.replication.control.session;

import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.MetadataLog;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the quorum up when this active controller hears no sessions of brokers that live, as their
 * signs of life in the metadata log say, and another controller is likely to hear more of them.
 *
 * <p>Each broker that says so counts against the controllers that it did not hear in a row, and a
 * broker that is not heard here would not hear this one either. Only to a controller with strictly
 * fewer against it does the quorum go: so it comes to rest, also where one broker hears nobody and
 * no controller would do better. On the owner loop.
 */
final class Deafness {
  private static final Logger LOG = LoggerFactory.getLogger(Deafness.class);

  private final int nodeId;
  private final MetadataLog log;
  private final long timeoutNanos;
  private long triedNanos;
  private boolean tried;

  /**
   * @param timeoutNanos silence of a session that counts, and pause between two tries
   */
  Deafness(int nodeId, MetadataLog log, long timeoutNanos) {
    this.nodeId = nodeId;
    this.log = log;
    this.timeoutNanos = timeoutNanos;
  }

  void onTick(long nowNanos, Collection<BrokerLease> leases) {
    if (tried && nowNanos - triedNanos < timeoutNanos) {
      return;
    }
    List<Integer> unheard =
        leases.stream()
            .filter(lease -> lease.unheard && isSilent(lease, nowNanos))
            .map(lease -> lease.brokerId)
            .toList();
    List<Integer> successors =
        unheard.isEmpty() ? List.of() : successors(unheard.size(), nowNanos, leases);
    if (!successors.isEmpty()) {
      tried = true;
      triedNanos = nowNanos;
      LOG.warn(
          "controller {} gives the quorum up to one of {}: it hears no sessions of brokers {},"
              + " which say through the quorum that they live",
          nodeId,
          successors,
          unheard);
      var unused = log.resignTo(successors);
    }
  }

  private boolean isSilent(BrokerLease lease, long nowNanos) {
    return nowNanos - lease.heardNanos >= timeoutNanos;
  }

  /** The controllers with fewer than so many against them, the fewest first. */
  private List<Integer> successors(int fewerThan, long nowNanos, Collection<BrokerLease> leases) {
    Map<Integer, Integer> against = new HashMap<>();
    for (BrokerLease lease : leases) {
      BrokerRegistration broker = log.image().broker(lease.brokerId);
      if (broker != null) {
        broker.life().unheardControllers().forEach(id -> against.merge(id, 1, Integer::sum));
      }
    }
    Map<Integer, Integer> candidates = new TreeMap<>();
    for (BrokerLease lease : leases) {
      int own = isSilent(lease, nowNanos) ? 1 : 0;
      if (lease.brokerId != nodeId && log.controllers().contains(lease.brokerId)) {
        candidates.put(lease.brokerId, own + against.getOrDefault(lease.brokerId, 0));
      }
    }
    return candidates.entrySet().stream()
        .filter(candidate -> candidate.getValue() < fewerThan)
        .sorted(Comparator.comparing(Map.Entry::getValue))
        .map(Map.Entry::getKey)
        .toList();
  }
}
