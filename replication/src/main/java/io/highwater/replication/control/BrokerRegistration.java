package io.highwater.replication.control;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * A broker as the cluster knows it.
 *
 * @param id node id, not negative
 * @param epoch log index of this registration; larger than that of every earlier one (FEN-3)
 * @param incarnation one start of the broker's process
 * @param directoryId the data directory that it came with
 * @param endpoints addresses by listener
 * @param fenced true while it may neither lead nor be in sync
 * @param stopping true once its controlled shutdown began; it is given no more leaderships
 * @param version of the software, for people
 */
public record BrokerRegistration(
    int id,
    long epoch,
    UUID incarnation,
    UUID directoryId,
    Map<ListenerName, Endpoint> endpoints,
    boolean fenced,
    boolean stopping,
    String version) {

  public BrokerRegistration {
    Objects.requireNonNull(incarnation, "incarnation");
    Objects.requireNonNull(directoryId, "directoryId");
    Objects.requireNonNull(version, "version");
    EnumMap<ListenerName, Endpoint> ordered = new EnumMap<>(ListenerName.class);
    ordered.putAll(endpoints);
    endpoints = Collections.unmodifiableMap(ordered);
  }

  /** Whether it may become a leader. */
  public boolean electable() {
    return !fenced && !stopping;
  }

  BrokerRegistration asFenced() {
    return new BrokerRegistration(
        id, epoch, incarnation, directoryId, endpoints, true, stopping, version);
  }

  BrokerRegistration asStopping() {
    return new BrokerRegistration(
        id, epoch, incarnation, directoryId, endpoints, fenced, true, version);
  }
}
