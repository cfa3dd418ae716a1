package io.highwater.replication.control.observer;

import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The way from outside the quorum into it. Safe for use by any thread. */
public interface QuorumRoute extends AutoCloseable {
  /** As {@link io.highwater.replication.control.MetadataLog#submit(MetadataCommand)}. */
  CompletableFuture<CommandResult> submit(MetadataCommand command);

  /**
   * The brokers as that member of the quorum has them which knows most of those that answer; fails
   * when none does that knows its cluster.
   */
  CompletableFuture<List<BrokerRegistration>> brokers();

  @Override
  void close();
}
