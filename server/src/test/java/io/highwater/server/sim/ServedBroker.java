package io.highwater.server.sim;

import io.highwater.replication.Replicas;
import io.highwater.replication.sim.SimBroker;
import io.highwater.server.fetch.FetchSession;
import io.highwater.server.fetch.FetchSink;
import io.highwater.server.fetch.PartitionReader;
import io.highwater.server.fetch.ReadBuffers;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.TopicCatalog;
import io.highwater.server.produce.ProduceHandler;

/** What one process of a broker serves its clients with. On its loop. */
final class ServedBroker {
  private static final int FETCH_BYTES = 4_096;
  private static final int REQUEST_TIMEOUT_MS = 400;

  private final SimBroker broker;
  private final Replicas replicas;
  private final TopicCatalog catalog = new TopicCatalog();
  private final LedPartitions partitions;
  private final ProduceHandler produce;
  private final PartitionReader reader;

  ServedBroker(SimBroker broker) {
    this.broker = broker;
    replicas = broker.replicas();
    partitions = new LedPartitions(catalog, replicas);
    produce =
        new ProduceHandler(
            partitions,
            broker.loop(),
            REQUEST_TIMEOUT_MS,
            replicas.leaderStreams().catchUpRate(),
            broker.clock());
    reader = new PartitionReader(new ReadBuffers(FETCH_BYTES), broker.loop()::io, broker.loop());
  }

  /** Whether the process is still that one. */
  boolean isCurrent() {
    return broker.replicas() == replicas;
  }

  /** As of now. */
  TopicCatalog catalog() {
    catalog.apply(replicas.image());
    return catalog;
  }

  ProduceHandler produce() {
    return produce;
  }

  PartitionReader reader() {
    return reader;
  }

  /** A stream of batches to one client. */
  FetchSession fetch(FetchSink sink) {
    return new FetchSession(partitions, reader, broker.loop(), sink);
  }
}
