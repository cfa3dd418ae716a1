package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.CommandResult.Rejected;
import io.highwater.replication.control.MetadataCommand.DrainBroker;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataCommand.SignOfLife;
import io.highwater.replication.control.MetadataCommand.StopBroker;
import io.highwater.replication.control.MetadataCommand.UnregisterBroker;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Commands about brokers: how they come and go. Pure. */
final class BrokerCommands {
  private BrokerCommands() {}

  static CommandResult apply(Entry entry, RegisterBroker command) {
    int id = command.brokerId();
    BrokerRegistration old = entry.found().broker(id);
    if (id < 0) {
      return entry.rejected(ErrorCode.INVALID_REQUEST, "node id " + id + " is negative");
    }
    Optional<Rejected> older = FeatureRules.refusal(entry, id, command.features());
    if (older.isPresent()) {
      return older.get();
    }
    boolean sameProcess = old != null && old.incarnation().equals(command.incarnation());
    if (sameProcess && old.electable()) {
      return registered(entry, old.epoch());
    }
    boolean sameDirectory = old != null && old.directoryId().equals(command.directoryId());
    if (old != null && !old.fenced() && !sameDirectory) {
      return entry.rejected(
          ErrorCode.DUPLICATE_BROKER_REGISTRATION,
          "node id " + id + " is in use with another data directory");
    }
    long presentEpoch = old == null ? -1 : old.epoch();
    if (command.expectedBrokerEpoch() != presentEpoch) {
      return entry.rejected(
          ErrorCode.INVALID_UPDATE_VERSION,
          "node id " + id + " is registered in epoch " + presentEpoch);
    }
    if (old != null) {
      entry.edit().put(old.asFenced());
      LastRun lastRun = sameDirectory ? command.lastRun() : LastRun.UNKNOWN;
      entry.changeReplicasOf(
          id,
          (replica, found, minIsr) -> {
            PartitionImage p = IsrRules.forgetReport(found, id);
            if (sameProcess || lastRun.stoppedCleanly(replica, old.epoch())) {
              return IsrRules.drop(p, id, minIsr);
            }
            return lastRun.wasKilled(replica, old.epoch())
                ? IsrRules.excludeIntact(p, id, minIsr)
                : IsrRules.exclude(p, id, minIsr);
          });
    }
    entry
        .edit()
        .put(
            new BrokerRegistration(
                id,
                entry.index(),
                command.incarnation(),
                command.directoryId(),
                command.endpoints(),
                false,
                false,
                command.version(),
                command.rack(),
                old != null && old.draining(),
                Set.of(),
                BrokerLife.NEVER,
                new TreeMap<>(command.features())));
    entry.changeReplicasOf(id, (replica, p, minIsr) -> p);
    return registered(entry, entry.index());
  }

  private static Accepted registered(Entry entry, long brokerEpoch) {
    return new Accepted(entry.index(), brokerEpoch, -1, List.of());
  }

  static CommandResult apply(Entry entry, FenceBroker command) {
    BrokerRegistration broker = entry.found().broker(command.brokerId());
    if (broker == null || broker.epoch() != command.brokerEpoch()) {
      return entry.stale(command.brokerId(), command.brokerEpoch());
    }
    entry.edit().put(broker.asFenced());
    leave(entry, broker.id());
    return entry.accepted();
  }

  /** Takes a fenced broker out of every in-sync set, and its leaderships from it. */
  private static void leave(Entry entry, int id) {
    entry.changeReplicasOf(
        id, (replica, p, minIsr) -> IsrRules.drop(IsrRules.forgetReport(p, id), id, minIsr));
  }

  static CommandResult apply(Entry entry, StopBroker command) {
    int id = command.brokerId();
    if (!entry.found().isActive(id, command.brokerEpoch())) {
      return entry.stale(id, command.brokerEpoch());
    }
    entry.edit().put(entry.found().broker(id).asStopping());
    entry.changeReplicasOf(
        id,
        (replica, p, minIsr) ->
            p.isr().stream().anyMatch(entry::electable) ? IsrRules.drop(p, id, minIsr) : p);
    return entry.accepted();
  }

  static CommandResult apply(Entry entry, SignOfLife command) {
    int id = command.brokerId();
    if (!entry.found().isActive(id, command.brokerEpoch())) {
      return entry.stale(id, command.brokerEpoch());
    }
    BrokerLife life = new BrokerLife(entry.index(), command.unheardControllers());
    entry.edit().put(entry.found().broker(id).withLife(life));
    return entry.accepted();
  }

  static CommandResult apply(Entry entry, DrainBroker command) {
    int id = command.brokerId();
    BrokerRegistration broker = entry.found().broker(id);
    if (broker == null) {
      return entry.rejected(
          ErrorCode.BROKER_ID_NOT_REGISTERED, "broker " + id + " is not registered");
    }
    entry.edit().put(broker.asDraining(command.draining()));
    if (command.draining()) {
      entry.changeReplicasOf(
          id, (replica, p, minIsr) -> p.leader() == id ? ledByAnother(entry, p) : p);
    }
    return entry.accepted();
  }

  static CommandResult apply(Entry entry, UnregisterBroker command) {
    int id = command.brokerId();
    BrokerRegistration broker = entry.found().broker(id);
    if (broker == null) {
      return entry.rejected(
          ErrorCode.BROKER_ID_NOT_REGISTERED, "broker " + id + " is not registered");
    }
    if (broker.epoch() != command.brokerEpoch()) {
      return entry.stale(id, command.brokerEpoch());
    }
    if (!broker.fenced()) {
      return entry.rejected(
          ErrorCode.POLICY_VIOLATION, "broker " + id + " is alive: stop it for good first");
    }
    long replicas = entry.replicasOf(id);
    if (replicas > 0) {
      return entry.rejected(
          ErrorCode.POLICY_VIOLATION,
          "broker " + id + " has " + replicas + " replicas: drain it first");
    }
    entry.forgetDebtsOf(id);
    entry.edit().remove(broker);
    return entry.accepted();
  }

  /** It stays in sync: its leaderships go to whoever can take them, its replicas move later. */
  private static PartitionImage ledByAnother(Entry entry, PartitionImage p) {
    for (int member : p.isr()) {
      if (entry.placeable(member)) {
        return p.ledBy(member);
      }
    }
    return p;
  }
}
