package io.highwater.server;

import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.SwitchingMetadataLog;
import io.highwater.replication.control.observer.ObserverMetadataLog;
import io.highwater.replication.ratis.QuorumConfig;
import io.highwater.replication.ratis.QuorumStorage;
import io.highwater.replication.ratis.RatisMetadataLog;
import io.highwater.replication.ratis.RatisQuorumRoute;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker's seat in the quorum: taken when the broker is added, lost when it is removed, without a
 * restart. What the quorum's log says counts; who has no seat observes.
 */
final class QuorumSeat implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(QuorumSeat.class);

  /** Those who are left may have to elect a leader first. */
  private static final long VOTERS_TIMEOUT_MS = 20_000;

  private final QuorumConfig config;
  private final QuorumStorage storage;
  private final Function<SortedMap<Integer, Endpoint>, ObserverMetadataLog> outside;
  private final Runnable onFailure;
  private RatisMetadataLog member;
  private SwitchingMetadataLog log;
  private ObserverMetadataLog observer;
  private boolean closed;
  private volatile boolean taken;

  /**
   * @param outside starts to observe a quorum of such members
   * @param onFailure run when the member stops though the quorum counts on it
   */
  QuorumSeat(
      QuorumConfig config,
      QuorumStorage storage,
      Function<SortedMap<Integer, Endpoint>, ObserverMetadataLog> outside,
      Runnable onFailure) {
    this.config = config;
    this.storage = storage;
    this.outside = outside;
    this.onFailure = onFailure;
  }

  /** Starts as a member that the voters configured know of, or as one to be added. */
  synchronized void open(boolean standby) throws IOException {
    member =
        standby
            ? RatisMetadataLog.standBy(config, storage, this::onMemberStopped)
            : RatisMetadataLog.open(config, storage, this::onMemberStopped);
    storage.settled();
    SortedMap<Integer, Endpoint> voters = member.voters();
    taken = voters.containsKey(config.nodeId());
    if (taken) {
      log = new SwitchingMetadataLog(member);
      if (!voters.keySet().equals(config.voters().keySet())) {
        LOG.info(
            "the quorum's log says that the controllers are {}, not {}: the log counts",
            voters,
            config.voters());
      } else if (!voters.equals(config.voters())) {
        LOG.info(
            "the controllers are looked for at {} as configured, no longer at {}",
            config.voters(),
            voters);
      }
    } else {
      LOG.info("node {} is no controller yet: it observes, ready to be added", config.nodeId());
      observer = outside.apply(others(config.voters()));
      log = new SwitchingMetadataLog(observer);
    }
    member.onVotersChange(this::onVoters);
  }

  private SortedMap<Integer, Endpoint> others(SortedMap<Integer, Endpoint> voters) {
    SortedMap<Integer, Endpoint> others = new TreeMap<>(voters);
    others.remove(config.nodeId());
    return others;
  }

  private synchronized void onVoters(SortedMap<Integer, Endpoint> voters) {
    boolean isVoter = voters.containsKey(config.nodeId());
    if (closed || isVoter == taken) {
      return;
    }
    if (isVoter) {
      LOG.info("node {} is among the controllers {} now", config.nodeId(), voters.keySet());
      taken = true;
      log.switchTo(member);
      observer.close();
    } else {
      leave(voters);
    }
  }

  /** The quorum tells a removed member to stop, and whoever missed its removal hears it so. */
  private void onMemberStopped() {
    RatisQuorumRoute route;
    synchronized (this) {
      if (closed) {
        return;
      }
      if (!taken) {
        // Added and removed before it knew.
        var unused = CompletableFuture.runAsync(this::retire);
        return;
      }
      SortedMap<Integer, Endpoint> known = others(config.voters());
      known.putAll(others(member.voters()));
      if (known.isEmpty()) {
        onFailure.run();
        return;
      }
      route = new RatisQuorumRoute(config.clusterId(), known, VOTERS_TIMEOUT_MS);
    }
    var unused =
        route
            .voters()
            .whenCompleteAsync(
                (voters, failure) -> {
                  route.close();
                  if (failure == null && !voters.containsKey(config.nodeId())) {
                    onVoters(voters);
                  } else {
                    onFailure.run();
                  }
                });
  }

  private void leave(SortedMap<Integer, Endpoint> voters) {
    LOG.info(
        "node {} was removed from the controllers, who are {} now; it observes",
        config.nodeId(),
        voters.keySet());
    taken = false;
    observer = outside.apply(voters);
    log.switchTo(observer);
    // This may be one of the member's own threads, for which closing waits.
    var unused = CompletableFuture.runAsync(this::retire);
  }

  private void retire() {
    try {
      storage.announceRemoval();
      member.close();
      storage.setAside();
    } catch (IOException | RuntimeException e) {
      // It only costs a detour at the next start: the quorum tells that member again.
      LOG.warn("what this controller kept cannot be put away", e);
    }
  }

  /** Whether this broker is a member of the quorum now. */
  boolean isTaken() {
    return taken;
  }

  RatisMetadataLog member() {
    return member;
  }

  SwitchingMetadataLog log() {
    return log;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (observer != null) {
        observer.close();
      }
    }
    member.close();
  }
}
