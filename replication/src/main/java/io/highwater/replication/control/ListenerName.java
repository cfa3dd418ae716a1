package io.highwater.replication.control;

/** The listeners whose addresses a broker registers. */
public enum ListenerName {
  /** Produce, fetch, metadata and administration. */
  CLIENTS,
  /** Replica streams, controller sessions and probes. */
  BROKERS,
  /** The metadata quorum; only brokers that are members of it have one. */
  CONTROLLER
}
