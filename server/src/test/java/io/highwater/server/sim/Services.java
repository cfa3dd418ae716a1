package io.highwater.server.sim;

import io.highwater.replication.sim.SimBroker;
import io.highwater.replication.sim.SimCluster;
import java.util.HashMap;
import java.util.Map;

/** What the brokers of a cluster serve clients with, anew after each restart. */
final class Services {
  private final SimCluster cluster;
  private final ClientFlaw flaw;
  private final Map<Integer, ServedBroker> served = new HashMap<>();

  Services(SimCluster cluster, ClientFlaw flaw) {
    this.cluster = cluster;
    this.flaw = flaw;
  }

  SimCluster cluster() {
    return cluster;
  }

  ClientFlaw flaw() {
    return flaw;
  }

  /** On the broker's loop. */
  ServedBroker of(SimBroker broker) {
    ServedBroker present = served.get(broker.id());
    if (present == null || !present.isCurrent()) {
      present = new ServedBroker(broker);
      served.put(broker.id(), present);
    }
    return present;
  }
}
