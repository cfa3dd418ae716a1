package io.highwater.server;

import io.highwater.log.LogDirectories;
import io.highwater.log.flush.GroupCommit;
import io.highwater.log.io.Storage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.InvariantViolation;
import io.highwater.proto.codec.NativeLibrary;
import io.highwater.replication.ReplicaComparisons;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.LastRun;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.session.BrokerIdentity;
import io.highwater.replication.ratis.QuorumStorage;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import io.highwater.server.fetch.ReaderMemory;
import io.highwater.server.grpc.BrokerListeners;
import io.highwater.server.grpc.ClientMemory;
import io.highwater.server.loop.EventLoops;
import io.highwater.server.loop.IoPool;
import io.highwater.server.loop.NettyOwnerLoop;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The order in which a broker comes up and goes down.
 *
 * <pre>
 *   up:   listeners bound, NOT_SERVING -> log directories locked -> at a first start, the other controllers
 *         agree -> metadata log caught up -> logs recovered -> registered -> that image in force -> SERVING
 *   down: NOT_SERVING -> leaderships taken over by others -> calls ended -> logs flushed and marked clean
 *         -> metadata log left -> threads ended
 * </pre>
 */
final class ServerLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(ServerLifecycle.class);

  /** Longer than the session's own limit for handing over. */
  private static final long HAND_OVER_SECONDS = 10;

  private static final long LEAVE_SECONDS = 5;

  /** Threads that inflate for subscribers: they leave the data loop a processor. */
  private static final int DECODERS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  private static final String VERSION = "0.1.0";

  private final ServerConfig config;
  private final Storage storage;
  private final Consumer<HighwaterException> onFailure;
  private final EpochClock epochClock = SystemEpochClock.INSTANCE;
  private final NanoClock nanoClock = SystemNanoClock.INSTANCE;

  /** Fails when the broker is stopped, or cannot go on, while it starts. */
  private final CompletableFuture<Void> stopRequested = new CompletableFuture<>();

  private final Object turn = new Object();
  private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();
  private boolean started;
  private boolean ended;
  private BrokerListeners listeners;
  private DataDirectory directory;
  private Quorum quorum;
  private Membership membership;
  private Cleaner cleaner;

  /**
   * @param onFailure hears, on a thread of its own, that the broker cannot go on
   */
  ServerLifecycle(ServerConfig config, Storage storage, Consumer<HighwaterException> onFailure) {
    this.config = config;
    this.storage = storage;
    this.onFailure = onFailure;
  }

  void start() {
    synchronized (turn) {
      if (started || stopRequested.isDone()) {
        throw new HighwaterException(ErrorCode.BROKER_NOT_AVAILABLE, "a broker starts once");
      }
      started = true;
      try {
        bringUp();
      } catch (RuntimeException | Error e) {
        leaveAsFound();
        closeAll();
        throw e;
      }
    }
  }

  /**
   * A broker that was never registered wrote nothing of its own to the logs: if they were stopped
   * cleanly before, they are again. Its epoch of then says so to the cluster only as long as no
   * registration came between.
   */
  private void leaveAsFound() {
    if (membership == null) {
      return; // No log was opened, or not all were: those that were not keep their marker.
    }
    try {
      Long brokerEpoch = awaitBounded(membership.leave(), LEAVE_SECONDS, "giving up roles");
      listeners.close();
      if (brokerEpoch != null && brokerEpoch < 0) {
        directory.logs().cleanShutdownEpoch().ifPresent(directory.logs()::closeCleanly);
      }
    } catch (RuntimeException e) {
      LOG.warn("the log directories are not left as they were found", e);
    }
  }

  private void bringUp() {
    long startNs = nanoClock.nanoTime();
    NativeLibrary.hostedBy("broker " + nodeId(), LOG::error);
    EventLoops loops = opened(new EventLoops());
    IoPool ioPool = opened(new IoPool("highwater-io", config.requests().ioThreads()));
    // Behind reads of cold segments, acknowledgements would wait for them.
    IoPool flushPool = opened(new IoPool("highwater-flush", GroupCommit.MAX_PARALLEL));
    NettyOwnerLoop loop = new NettyOwnerLoop(loops.dataLoop(), nanoClock, this::onViolation);
    directory =
        DataDirectory.open(
            config.storage(),
            storage,
            config.controller(),
            epochClock,
            nanoClock,
            UUID::randomUUID);
    opened(directory.logs());
    long maxMemoryBytes = Runtime.getRuntime().maxMemory();
    ClientMemory memory =
        ClientMemory.of(
            new ReaderMemory(config.readerMemoryBytes(maxMemoryBytes), loop),
            config.requestMemoryBytes(maxMemoryBytes),
            config.connections().maxReceiveMs(),
            loop);
    // Ratis and Netty take their time each, so they take it together.
    CompletableFuture<BrokerListeners> binding =
        CompletableFuture.supplyAsync(
            () ->
                BrokerListeners.bind(
                    config.listeners(),
                    config.connections(),
                    ClientServices.NAMES,
                    config.maxFrameBytes(),
                    loops,
                    memory),
            ioPool);
    BrokerTransports transports = new BrokerTransports(loops.data(), loop, config.maxFrameBytes());
    quorum = opened(quorum(transports, loop));
    listeners = opened(await(binding));
    directory.recover(await(quorum.catchUp(loop)), ioPool, nanoClock);
    join(transports, loops, loop, ioPool, flushPool);
    LOG.info(
        "broker {} of cluster {} serves on {} after {} ms",
        nodeId(),
        clusterId(),
        listeners.advertised(Listener.CLIENTS),
        TimeUnit.NANOSECONDS.toMillis(nanoClock.nanoTime() - startNs));
  }

  private Quorum quorum(BrokerTransports transports, NettyOwnerLoop loop) {
    return Quorum.open(
        config,
        directory,
        storage,
        transports.metadataFeed(directory.clusterId(), nodeId()),
        loop,
        this::await,
        this::fail);
  }

  private void join(
      BrokerTransports transports,
      EventLoops loops,
      NettyOwnerLoop loop,
      IoPool ioPool,
      IoPool flushPool) {
    membership =
        new Membership(
            new Membership.Ground(
                config.replication(),
                config.placement(),
                config.storage(),
                identity(),
                directory,
                quorum.log(),
                loop,
                new NettyOwnerLoop(loops.watchLoop(), nanoClock, this::onViolation),
                epochClock,
                nanoClock,
                new Random(),
                ioPool,
                flushPool,
                transports.replicas(),
                transports.controller()),
            this::fail);
    ClientServices services =
        opened(
            new ClientServices(
                new ClientServices.Ground(
                    config,
                    loops,
                    loop,
                    ioPool,
                    opened(new IoPool("highwater-decode", DECODERS)),
                    quorum.log(),
                    quorum::membership,
                    membership.replicas(),
                    membership.catalog(),
                    membership.images(),
                    membership.isrHistory(),
                    epochClock,
                    nanoClock,
                    UUID::randomUUID)));
    listeners.openToBrokers(transports.services(membership, quorum));
    await(membership.join());
    opened(new Scrubber(config.scrub(), directory.logs(), loop, ioPool)).start();
    opened(
            new ReplicaComparisons(
                loop,
                membership.replicas(),
                config.scrub().compareBytesPerSecond(),
                config.scrub().intervalMs()))
        .start();
    cleaner = opened(new Cleaner(config.cleaner(), directory.logs(), loop, nanoClock));
    cleaner.start();
    opened(watch(loop, ioPool)).start();
    listeners.openToClients(services.services());
  }

  private DataDirectoryWatch watch(NettyOwnerLoop loop, IoPool ioPool) {
    Path root = directory.logs().metadata().root();
    QuorumStorage quorumStorage = new QuorumStorage(storage, root, clusterId());
    return new DataDirectoryWatch(
        root,
        storage,
        () -> !quorum.isMember() || quorumStorage.exists(),
        loop,
        ioPool,
        this::fail);
  }

  private BrokerIdentity identity() {
    return new BrokerIdentity(
        directory.clusterId(),
        nodeId(),
        UUID.randomUUID(),
        directory.logs().metadata().directoryId(),
        lastRun(),
        endpoints(),
        VERSION,
        config.placement().rack(),
        config.features());
  }

  private LastRun lastRun() {
    LogDirectories logs = directory.logs();
    return logs.partialRun()
        .map(run -> new LastRun(run.cleanEpoch(), run.killedEpoch(), Optional.of(run.replicas())))
        .orElseGet(
            () -> new LastRun(logs.cleanShutdownEpoch().orElse(-1), logs.killedEpoch().orElse(-1)));
  }

  private Map<ListenerName, Endpoint> endpoints() {
    Map<ListenerName, Endpoint> endpoints = new EnumMap<>(ListenerName.class);
    endpoints.put(ListenerName.CLIENTS, endpoint(listeners.advertised(Listener.CLIENTS)));
    endpoints.put(ListenerName.BROKERS, endpoint(listeners.advertised(Listener.BROKERS)));
    quorum
        .address()
        .ifPresent(address -> endpoints.put(ListenerName.CONTROLLER, endpoint(address)));
    return endpoints;
  }

  private static Endpoint endpoint(HostPort address) {
    return new Endpoint(address.host(), address.port());
  }

  /** Waits for a step of the start, unless the broker is stopped meanwhile. */
  private <T> T await(CompletableFuture<T> step) {
    try {
      Object unused = CompletableFuture.anyOf(step, stopRequested).join();
      return step.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof HighwaterException named
          ? named
          : new HighwaterException(
              ErrorCode.UNKNOWN_SERVER_ERROR, "starting failed: " + e.getCause(), e);
    }
  }

  private void onViolation(InvariantViolation violation) {
    fail(
        new HighwaterException(
            ErrorCode.UNKNOWN_SERVER_ERROR,
            "an invariant is broken: " + violation.getMessage(),
            violation));
  }

  /** The broker cannot go on: told on a thread that may wait, unlike the loop. */
  private void fail(HighwaterException failure) {
    LOG.error("broker {} stops: {}", nodeId(), failure.getMessage());
    stopRequested.completeExceptionally(failure); // A start that is under way ends with the reason.
    Thread stopping = new Thread(() -> onFailure.accept(failure), "highwater-failure");
    stopping.setDaemon(true);
    stopping.start();
  }

  void stop() {
    requestStop();
    synchronized (turn) {
      if (ended || membership == null) {
        closeAll();
        return;
      }
      try {
        LOG.info("broker {} stops", nodeId());
        listeners.notServing();
        if (config.replication().controlledShutdown()) {
          awaitBounded(membership.handOver(), HAND_OVER_SECONDS, "handing leaderships over");
        }
        Long brokerEpoch = awaitBounded(membership.leave(), LEAVE_SECONDS, "giving up roles");
        listeners.close();
        cleaner.close();
        if (brokerEpoch != null && brokerEpoch >= 0) {
          directory.logs().closeCleanly(brokerEpoch);
        }
      } finally {
        closeAll();
      }
    }
  }

  /** Ends as a crash would. */
  void crash() {
    requestStop();
    synchronized (turn) {
      if (ended) {
        return;
      }
      if (listeners != null) {
        listeners.close();
      }
      if (membership != null) {
        awaitBounded(membership.leave(), LEAVE_SECONDS, "giving up roles");
      }
      closeAll();
    }
  }

  private void requestStop() {
    stopRequested.completeExceptionally(
        new HighwaterException(ErrorCode.BROKER_NOT_AVAILABLE, "stopped while starting"));
  }

  private static <T> T awaitBounded(CompletableFuture<T> step, long seconds, String what) {
    try {
      return step.orTimeout(seconds, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TimeoutException) {
        LOG.warn("{} took more than {} s", what, seconds);
        return null;
      }
      throw e;
    }
  }

  private <T extends AutoCloseable> T opened(T closeable) {
    open.push(closeable);
    return closeable;
  }

  /** Closes what is open, the last opened first; all of it, whatever fails. */
  private void closeAll() {
    ended = true;
    for (AutoCloseable next = open.poll(); next != null; next = open.poll()) {
      try {
        next.close();
      } catch (Exception e) {
        LOG.warn("closing {} failed", next.getClass().getSimpleName(), e);
      }
    }
  }

  /** Nothing for CONTROLLER at a broker outside the quorum. */
  Optional<HostPort> address(Listener listener) {
    return listener == Listener.CONTROLLER
        ? quorum.address()
        : Optional.of(listeners.advertised(listener));
  }

  String clusterId() {
    return directory.clusterId();
  }

  int nodeId() {
    return config.controller().nodeId();
  }
}
