package io.highwater.replication.ratis;

import io.highwater.replication.control.Endpoint;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.util.Daemon;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which members are silent while this one leads, and opens the connections to them anew. Ratis
 * keeps a connection for as long as TCP does, and TCP tries again ever more rarely: after a cut of
 * the network a member would stay away for about as long as the cut took.
 */
final class SilentMembers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SilentMembers.class);
  private static final long LOOK_MS = 1_000;

  private final DivisionInfo member;
  private final RaftServerRpc connections;
  private final long silentMs;
  private final Supplier<SortedMap<Integer, Endpoint>> addresses;

  // Its own, because closing a connection that is stuck takes Ratis some seconds.
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> Daemon.newBuilder().setName("quorum-connections").setRunnable(task).build());

  private final Repeating looks =
      new Repeating("the look for silent controllers", LOOK_MS, this::look, thread);

  private Set<RaftPeerId> silentBefore = Set.of();
  private final Set<RaftPeerId> told = new HashSet<>();

  /**
   * @param silentMs who has not answered for so long is silent
   * @param addresses where the members are looked for
   */
  SilentMembers(
      DivisionInfo member,
      RaftServerRpc connections,
      long silentMs,
      Supplier<SortedMap<Integer, Endpoint>> addresses) {
    this.addresses = addresses;
    this.member = member;
    this.connections = connections;
    this.silentMs = silentMs;
  }

  void start() {
    looks.start();
  }

  private void look() {
    Set<RaftPeerId> silent = silent();
    // Two looks, because after a pause of this process everybody seems silent in the first.
    Set<RaftPeerId> stuck = new HashSet<>(silent);
    stuck.retainAll(silentBefore);
    tell(silent, stuck);
    silent.removeAll(stuck);
    silentBefore = silent;
    for (RaftPeerId peer : stuck) {
      LOG.debug("member {} is silent: it is connected to anew", peer);
      connections.handleException(peer, new TimeoutException("silent"), true);
    }
  }

  /** Once for each that falls silent, and once when it is heard again. */
  private void tell(Set<RaftPeerId> silent, Set<RaftPeerId> stuck) {
    if (!member.isLeader()) {
      told.clear();
      return;
    }
    for (RaftPeerId peer : stuck) {
      if (told.add(peer)) {
        LOG.warn(
            "controller {} does not answer at {}: if it is elsewhere now, name its address in"
                + " controller.quorum.voters of the others and restart them",
            peer,
            addresses.get().get(QuorumGroup.nodeId(peer)));
      }
    }
    for (RaftPeerId peer : Set.copyOf(told)) {
      if (!silent.contains(peer)) {
        told.remove(peer);
        LOG.info("controller {} answers again, or is none any more", peer);
      }
    }
  }

  private Set<RaftPeerId> silent() {
    return member.getRoleInfoProto().getLeaderInfo().getFollowerInfoList().stream()
        .filter(follower -> follower.getLastRpcElapsedTimeMs() >= silentMs)
        .map(follower -> RaftPeerId.valueOf(follower.getId().getId()))
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Override
  public void close() {
    looks.close();
    thread.shutdownNow();
  }
}
