package io.highwater.server;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
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
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

  /** Before a member that stopped while it stood by is begun anew. */
  private static final long STANDBY_PAUSE_MS = 1_000;

  /** Before it is looked again whether a member can be opened on a disk that is full again. */
  private static final long FULL_PAUSE_MS = 500;

  private final QuorumConfig config;
  private final QuorumStorage storage;
  private final Function<SortedMap<Integer, Endpoint>, ObserverMetadataLog> outside;
  private final Consumer<HighwaterException> onFailure;
  private volatile RatisMetadataLog member;
  private SwitchingMetadataLog log;
  private ObserverMetadataLog observer;
  private boolean closed;
  private volatile boolean taken;

  /** Counts members that were closed or replaced here: what one of before says late is void. */
  private int turn;

  /**
   * @param outside starts to observe a quorum of such members
   * @param onFailure hears when the member stops though the quorum counts on it
   */
  QuorumSeat(
      QuorumConfig config,
      QuorumStorage storage,
      Function<SortedMap<Integer, Endpoint>, ObserverMetadataLog> outside,
      Consumer<HighwaterException> onFailure) {
    this.config = config;
    this.storage = storage;
    this.outside = outside;
    this.onFailure = onFailure;
  }

  /** Starts as a member that the voters configured know of, or as one to be added. */
  synchronized void open(boolean standby) throws IOException {
    member =
        standby
            ? RatisMetadataLog.standBy(config, storage, onStopped())
            : RatisMetadataLog.open(config, storage, onStopped());
    SortedMap<Integer, Endpoint> voters = member.voters();
    taken = voters.containsKey(config.nodeId());
    if (taken) {
      storage.settled();
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
    followVoters();
  }

  private void followVoters() {
    int now = turn;
    member.onVotersChange(voters -> onVoters(now, voters));
  }

  private Consumer<HighwaterException> onStopped() {
    int now = turn;
    return why -> onStopped(now, why);
  }

  private SortedMap<Integer, Endpoint> others(SortedMap<Integer, Endpoint> voters) {
    SortedMap<Integer, Endpoint> others = new TreeMap<>(voters);
    others.remove(config.nodeId());
    return others;
  }

  private synchronized void onVoters(int of, SortedMap<Integer, Endpoint> voters) {
    boolean isVoter = voters.containsKey(config.nodeId());
    if (closed || of != turn || isVoter == taken) {
      return;
    }
    if (isVoter) {
      take(voters);
    } else {
      leave(voters);
    }
  }

  private void take(SortedMap<Integer, Endpoint> voters) {
    LOG.info("node {} is among the controllers {} now", config.nodeId(), voters.keySet());
    try {
      storage.settled();
    } catch (IOException e) {
      LOG.error("that this controller was added cannot be kept", e);
      onFailure.accept(
          new HighwaterException(
              ErrorCode.KAFKA_STORAGE_ERROR,
              "that this controller was added cannot be kept: " + FaultText.of(e),
              e));
      return;
    }
    taken = true;
    log.switchTo(member);
    observer.close();
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
    beginAnew(ForkJoinPool.commonPool());
  }

  /** The quorum tells a removed member to stop, and whoever missed its removal hears it so. */
  private synchronized void onStopped(int of, HighwaterException why) {
    if (closed || of != turn) {
      return;
    }
    if (why.code() == ErrorCode.STORAGE_FULL) {
      LOG.warn("{}: this controller begins again with what it has kept", why.getMessage());
      openAgain(ForkJoinPool.commonPool());
      return;
    }
    if (!taken) {
      // Added and removed before it knew.
      beginAnew(CompletableFuture.delayedExecutor(STANDBY_PAUSE_MS, TimeUnit.MILLISECONDS));
      return;
    }
    var unused =
        askVoters()
            .whenCompleteAsync(
                (voters, failure) -> {
                  if (failure == null && !voters.containsKey(config.nodeId())) {
                    onVoters(of, voters);
                  } else {
                    onFailure.accept(why);
                  }
                });
  }

  /** The members as their leader knows them. */
  private CompletableFuture<SortedMap<Integer, Endpoint>> askVoters() {
    SortedMap<Integer, Endpoint> known = others(config.voters());
    known.putAll(others(member.voters()));
    if (known.isEmpty()) {
      return CompletableFuture.failedFuture(new IllegalStateException("there is nobody to ask"));
    }
    RatisQuorumRoute route = new RatisQuorumRoute(config.clusterId(), known, VOTERS_TIMEOUT_MS);
    return route.voters().whenCompleteAsync((voters, failure) -> route.close());
  }

  /**
   * Replaces the member that has no seat by one that knows nothing and can be added. It may have
   * been added in this moment: only what is asked after it was closed tells whether anybody counts
   * on what it acknowledged.
   */
  private void beginAnew(Executor executor) {
    turn++;
    int now = turn;
    var unused =
        CompletableFuture.runAsync(member::close, executor)
            .thenCompose(closing -> askVoters())
            .whenCompleteAsync((voters, failure) -> beginAnew(now, voters, failure));
  }

  private synchronized void beginAnew(
      int of, SortedMap<Integer, Endpoint> voters, Throwable failure) {
    if (closed || of != turn) {
      return;
    }
    if (failure != null) {
      LOG.info("who the controllers are is not known: {}", failure.toString());
      beginAnew(CompletableFuture.delayedExecutor(STANDBY_PAUSE_MS, TimeUnit.MILLISECONDS));
      return;
    }
    try {
      if (!voters.containsKey(config.nodeId())) {
        storage.retire();
      }
      member = member.standByAgain(storage, onStopped());
      followVoters();
      LOG.info("node {} stands by: it can be added to the controllers", config.nodeId());
    } catch (IOException | RuntimeException e) {
      LOG.warn("node {} cannot be added to the controllers before a restart", config.nodeId(), e);
    }
  }

  /** Replaces a member that writes no more by one that is as after a restart. */
  private void openAgain(Executor executor) {
    turn++;
    int now = turn;
    var unused =
        CompletableFuture.runAsync(member::close, executor)
            .whenCompleteAsync((closing, failure) -> openAgain(now));
  }

  private synchronized void openAgain(int of) {
    if (closed || of != turn) {
      return;
    }
    try {
      if (storage.freeBytes() < QuorumStorage.MIN_FREE_BYTES) {
        openAgain(CompletableFuture.delayedExecutor(FULL_PAUSE_MS, TimeUnit.MILLISECONDS));
        return;
      }
      if (taken || storage.exists()) {
        storage.requireState();
      }
      member = member.openAgain(storage, onStopped());
      if (taken) {
        log.switchTo(member);
      }
      followVoters();
      LOG.info("node {} is back in the quorum", config.nodeId());
    } catch (HighwaterException e) {
      onFailure.accept(e);
    } catch (IOException | RuntimeException e) {
      onFailure.accept(
          new HighwaterException(
              ErrorCode.KAFKA_STORAGE_ERROR,
              "the metadata log cannot be opened again: " + FaultText.of(e),
              e));
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
