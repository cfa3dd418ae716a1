package io.highwater.replication.ratis;

import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.QuorumFormation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.ExitUtils;

/**
 * A controller before it is a member: it listens, so that others hear that it lives and has
 * nothing, and asks them what they have. It votes for nobody and keeps nothing. Thread-safe.
 */
public final class FirstContact implements AutoCloseable {
  /** Never made: Ratis takes what it finds there for groups to be a member of. */
  private static final String NOWHERE = "none";

  private final FormatCluster naming;
  private final RaftServer server;
  private final RatisQuorumRoute route;

  private FirstContact(QuorumConfig config) throws IOException {
    naming = new FormatCluster(config.clusterId(), Feature.newest(config.features()));
    Path storage = config.dataDirectory().resolve(RatisMetadataLog.DIRECTORY).resolve(NOWHERE);
    RaftProperties properties = QuorumProperties.of(config, storage.toFile());
    server =
        RaftServer.newBuilder()
            .setServerId(QuorumGroup.peerId(config.nodeId()))
            .setStateMachineRegistry(group -> new BaseStateMachine())
            .setProperties(properties)
            .build();
    SortedMap<Integer, Endpoint> others = new TreeMap<>(config.voters());
    others.remove(config.nodeId());
    route = new RatisQuorumRoute(config.clusterId(), others, config.submitTimeoutMs());
  }

  /**
   * Begins to listen where the member will.
   *
   * @throws IOException when it cannot
   */
  public static FirstContact open(QuorumConfig config) throws IOException {
    RatisMetadataLog.keepProcessAlive();
    FirstContact contact = new FirstContact(config);
    try {
      contact.server.start();
    } catch (ExitUtils.ExitException e) {
      contact.close();
      throw RatisMetadataLog.cannotListen(config, e);
    } catch (IOException | RuntimeException e) {
      contact.close();
      throw e;
    }
    return contact;
  }

  /** What the other voters have, by node id; who does not answer is missing. Never fails. */
  public CompletableFuture<SortedMap<Integer, QuorumFormation.Answer>> ask() {
    return route.answers();
  }

  /**
   * Lets the others commit an entry that changes nothing: the name of their cluster.
   *
   * @return fails while they have no quorum
   */
  public CompletableFuture<CommandResult> confirm() {
    return route.submit(naming);
  }

  @Override
  public void close() throws IOException {
    try (server) {
      route.close();
    }
  }
}
