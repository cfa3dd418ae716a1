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
 * @param rack where it stands, in the operator's words; empty: unknown
 * @param draining true while an operator wants it rid of leaderships and replicas; it is given none
 */
public record BrokerRegistration(
    int id,
    long epoch,
    UUID incarnation,
    UUID directoryId,
    Map<ListenerName, Endpoint> endpoints,
    boolean fenced,
    boolean stopping,
    String version,
    String rack,
    boolean draining) {

  public BrokerRegistration {
    Objects.requireNonNull(incarnation, "incarnation");
    Objects.requireNonNull(directoryId, "directoryId");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(rack, "rack");
    EnumMap<ListenerName, Endpoint> ordered = new EnumMap<>(ListenerName.class);
    ordered.putAll(endpoints);
    endpoints = Collections.unmodifiableMap(ordered);
  }

  /** Whether it may become a leader. */
  public boolean electable() {
    return !fenced && !stopping;
  }

  /** Whether it may be given replicas. */
  public boolean placeable() {
    return electable() && !draining;
  }

  BrokerRegistration asFenced() {
    return with(true, stopping, draining);
  }

  BrokerRegistration asStopping() {
    return with(fenced, true, draining);
  }

  BrokerRegistration asDraining(boolean drains) {
    return with(fenced, stopping, drains);
  }

  private BrokerRegistration with(boolean isFenced, boolean isStopping, boolean isDraining) {
    return new BrokerRegistration(
        id,
        epoch,
        incarnation,
        directoryId,
        endpoints,
        isFenced,
        isStopping,
        version,
        rack,
        isDraining);
  }
}
