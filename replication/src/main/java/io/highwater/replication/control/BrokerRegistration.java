package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.pcollections.TreePMap;

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
 * @param offline replicas that it said it cannot serve, since this registration (STO-8)
 * @param life its newest sign of life through the metadata log, since this registration
 * @param features levels that it speaks, by feature
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
    boolean draining,
    Set<TopicIdPartition> offline,
    BrokerLife life,
    SortedMap<String, LevelRange> features) {

  public BrokerRegistration {
    Objects.requireNonNull(incarnation, "incarnation");
    Objects.requireNonNull(directoryId, "directoryId");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(rack, "rack");
    EnumMap<ListenerName, Endpoint> ordered = new EnumMap<>(ListenerName.class);
    ordered.putAll(endpoints);
    endpoints = Collections.unmodifiableMap(ordered);
    offline = Set.copyOf(offline);
    features = TreePMap.fromSortedMap(features);
  }

  /** Whether it may become a leader. */
  public boolean electable() {
    return !fenced && !stopping;
  }

  /** Whether it may become the leader of this partition. */
  public boolean electable(TopicIdPartition partition) {
    return electable() && !offline.contains(partition);
  }

  /** Whether it may be given replicas. */
  public boolean placeable() {
    return electable() && !draining;
  }

  BrokerRegistration asFenced() {
    return with(true, stopping, draining, offline, life);
  }

  BrokerRegistration asStopping() {
    return with(fenced, true, draining, offline, life);
  }

  BrokerRegistration asDraining(boolean drains) {
    return with(fenced, stopping, drains, offline, life);
  }

  BrokerRegistration withOffline(Collection<TopicIdPartition> more) {
    Set<TopicIdPartition> all = new HashSet<>(offline);
    all.addAll(more);
    return with(fenced, stopping, draining, all, life);
  }

  BrokerRegistration withoutOffline(Collection<TopicIdPartition> less) {
    Set<TopicIdPartition> rest = new HashSet<>(offline);
    rest.removeAll(less);
    return with(fenced, stopping, draining, rest, life);
  }

  BrokerRegistration withLife(BrokerLife newest) {
    return with(fenced, stopping, draining, offline, newest);
  }

  private BrokerRegistration with(
      boolean isFenced,
      boolean isStopping,
      boolean isDraining,
      Set<TopicIdPartition> isOffline,
      BrokerLife newestLife) {
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
        isDraining,
        isOffline,
        newestLife,
        features);
  }
}
