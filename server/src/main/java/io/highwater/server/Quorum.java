package io.highwater.server;

import io.highwater.log.io.Storage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataHistory;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.QuorumFormation;
import io.highwater.replication.control.QuorumMembership;
import io.highwater.replication.control.observer.MetadataFeed;
import io.highwater.replication.control.observer.ObserverMetadataLog;
import io.highwater.replication.ratis.FirstContact;
import io.highwater.replication.ratis.QuorumConfig;
import io.highwater.replication.ratis.QuorumStorage;
import io.highwater.replication.ratis.RatisMetadataLog;
import io.highwater.replication.ratis.RatisQuorumRoute;
import io.highwater.server.config.ControllerConfig;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This broker's standing with the quorum that carries the metadata log: member or observer. */
final class Quorum implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Quorum.class);
  private static final long RETRY_MS = 100;

  private final MetadataLog log;
  private final Optional<HostPort> address;
  private final Optional<QuorumSeat> seat;

  /** Names the cluster: changes nothing but the first time. */
  private final MetadataCommand.FormatCluster naming;

  private Quorum(
      MetadataLog log,
      Optional<HostPort> address,
      Optional<QuorumSeat> seat,
      MetadataCommand.FormatCluster naming) {
    this.log = log;
    this.address = address;
    this.seat = seat;
    this.naming = naming;
  }

  /** Whether a directory holds a member's metadata log. */
  static boolean isKeptIn(Path root) {
    return Files.isDirectory(root.resolve(RatisMetadataLog.DIRECTORY));
  }

  /**
   * Finds this broker's standing: what its data directory kept of the quorum counts, then whether
   * it stands by to be added, then the voters configured.
   *
   * @param feed brings the metadata to an observer
   * @param loop on which an observer applies it
   * @param waiting waits for the other controllers at a first start; throws when it is in vain
   * @param onFailure hears, on any thread, when the member stops by itself, and why
   * @throws HighwaterException INVALID_CONFIG when its CONTROLLER port is in use;
   *     INCONSISTENT_CLUSTER_ID; KAFKA_STORAGE_ERROR
   */
  static Quorum open(
      ServerConfig config,
      DataDirectory directory,
      Storage disk,
      MetadataFeed feed,
      OwnerLoop loop,
      Consumer<CompletableFuture<Void>> waiting,
      Consumer<HighwaterException> onFailure) {
    ControllerConfig controller = config.controller();
    QuorumStorage storage =
        new QuorumStorage(disk, directory.logs().metadata().root(), directory.clusterId());
    try {
      return storage.exists() || controller.isVoter() || controller.standby()
          ? join(config, directory, storage, feed, loop, waiting, onFailure)
          : observe(config, directory, feed, loop);
    } catch (IOException e) {
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR,
          "the metadata log cannot be opened: " + FaultText.of(e),
          e);
    }
  }

  private static MetadataCommand.FormatCluster naming(
      ServerConfig config, DataDirectory directory) {
    return new MetadataCommand.FormatCluster(
        directory.clusterId(), Feature.newest(config.features()));
  }

  private static Quorum observe(
      ServerConfig config, DataDirectory directory, MetadataFeed feed, OwnerLoop loop) {
    SortedMap<Integer, Endpoint> others = voters(config.controller());
    others.remove(config.controller().nodeId());
    ObserverMetadataLog log = observer(directory.clusterId(), others, feed, loop);
    return new Quorum(log, Optional.empty(), Optional.empty(), naming(config, directory));
  }

  private static ObserverMetadataLog observer(
      String clusterId, SortedMap<Integer, Endpoint> voters, MetadataFeed feed, OwnerLoop loop) {
    if (voters.isEmpty()) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG, "controller.quorum.voters names no controller to follow");
    }
    ObserverMetadataLog log =
        new ObserverMetadataLog(
            voters.keySet(),
            new RatisQuorumRoute(clusterId, voters, QuorumConfig.DEFAULT_SUBMIT_TIMEOUT_MS),
            feed,
            loop);
    log.start();
    return log;
  }

  /** Joins with the voters configured, begins a quorum of one, or stands by to be added. */
  private static Quorum join(
      ServerConfig config,
      DataDirectory directory,
      QuorumStorage storage,
      MetadataFeed feed,
      OwnerLoop loop,
      Consumer<CompletableFuture<Void>> waiting,
      Consumer<HighwaterException> onFailure)
      throws IOException {
    HostPort bind = bindAddress(config);
    HostPort address = advertised(config, bind);
    ControllerConfig controller = config.controller();
    SortedMap<Integer, Endpoint> voters = voters(controller);
    boolean removed = storage.isRemoved();
    if (removed && controller.isVoter()) {
      LOG.info(
          "controller.quorum.voters names node {}, which was removed from the quorum: it counts as"
              + " removed until it is added",
          controller.nodeId());
    }
    boolean standby = controller.standby() || !controller.isVoter() || removed;
    if (controller.isSingleNode() || !controller.isVoter()) {
      voters.put(controller.nodeId(), endpoint(address.withPort(bind.port())));
    }
    QuorumConfig quorum =
        new QuorumConfig(
            controller.nodeId(),
            directory.clusterId(),
            directory.logs().metadata().root(),
            voters,
            bind.host(),
            controller.electionTimeoutMs(),
            QuorumConfig.DEFAULT_SNAPSHOT_ENTRIES,
            QuorumConfig.DEFAULT_SUBMIT_TIMEOUT_MS,
            config.features());
    awaitRoom(config, directory, storage, waiting);
    if (storage.exists()) {
      recall(quorum, storage, waiting);
    }
    if (!standby || storage.exists()) {
      storage.requireState();
    }
    if (!standby && storage.isFirstStart() && voters.size() % 2 == 0) {
      LOG.warn(
          "controller.quorum.voters names {} controllers, which survive no more losses than one"
              + " fewer: name one, three or five",
          voters.size());
    }
    if (!standby && storage.isFirstStart() && voters.size() > 1) {
      awaitFormation(quorum, directory, loop, waiting);
    }
    QuorumSeat seat =
        new QuorumSeat(
            quorum,
            storage,
            others -> observer(directory.clusterId(), others, feed, loop),
            onFailure);
    seat.open(standby);
    return new Quorum(
        seat.log(), Optional.of(address), Optional.of(seat), naming(config, directory));
  }

  private static void awaitRoom(
      ServerConfig config,
      DataDirectory directory,
      QuorumStorage storage,
      Consumer<CompletableFuture<Void>> waiting) {
    CompletableFuture<Void> room =
        RoomToStart.in(directory.logs().metadata(), config.storage().space(), storage);
    try {
      waiting.accept(room);
    } finally {
      room.cancel(false);
    }
  }

  /** CTL-4: the whole data directory may be an older copy; those who are there remember. */
  private static void recall(
      QuorumConfig quorum, QuorumStorage storage, Consumer<CompletableFuture<Void>> waiting)
      throws IOException {
    SortedMap<Integer, Endpoint> others = new TreeMap<>(quorum.voters());
    others.remove(quorum.nodeId());
    if (others.isEmpty()) {
      return;
    }
    try (RatisQuorumRoute route =
        new RatisQuorumRoute(quorum.clusterId(), others, quorum.submitTimeoutMs())) {
      waiting.accept(storage.recall(route, quorum.nodeId()));
    }
  }

  /** CTL-4: with an empty directory it may be another one than the others know. */
  private static void awaitFormation(
      QuorumConfig quorum,
      DataDirectory directory,
      OwnerLoop loop,
      Consumer<CompletableFuture<Void>> waiting)
      throws IOException {
    SortedSet<Integer> others = new TreeSet<>(quorum.voters().keySet());
    others.remove(quorum.nodeId());
    QuorumFormation formation =
        new QuorumFormation(quorum.nodeId(), directory.logs().metadata().directoryId(), others);
    try (FirstContact contact = FirstContact.open(quorum)) {
      CompletableFuture<Void> agreed =
          FirstStart.agreed(formation, contact, loop, quorum.dataDirectory());
      try {
        waiting.accept(agreed);
      } finally {
        agreed.cancel(false);
      }
    }
  }

  /** Where to listen, with a free port picked now if any will do: Ratis has to be told before. */
  private static HostPort bindAddress(ServerConfig config) {
    HostPort wanted = config.listeners().bind().get(Listener.CONTROLLER);
    HostPort voter = config.controller().ownVoter().orElse(wanted);
    if (wanted.port() != 0 && voter.port() != 0 && wanted.port() != voter.port()) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG,
          "controller.quorum.voters says " + voter + ", but CONTROLLER listens on " + wanted);
    }
    HostPort bind = wanted.withPort(Math.max(wanted.port(), voter.port()));
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(bind.host(), bind.port()));
      return bind.withPort(socket.getLocalPort());
    } catch (IOException e) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG,
          "CONTROLLER listener: "
              + (e instanceof BindException ? "port in use: " : "cannot bind ")
              + bind,
          e);
    }
  }

  private static HostPort advertised(ServerConfig config, HostPort bind) {
    return config
        .controller()
        .ownVoter()
        .filter(voter -> voter.port() != 0)
        .orElseGet(() -> config.listeners().advertised(Listener.CONTROLLER, bind.port()));
  }

  private static SortedMap<Integer, Endpoint> voters(ControllerConfig controller) {
    SortedMap<Integer, Endpoint> voters = new TreeMap<>();
    controller.voters().forEach((id, voter) -> voters.put(id, endpoint(voter)));
    return voters;
  }

  private static Endpoint endpoint(HostPort address) {
    return new Endpoint(address.host(), address.port());
  }

  MetadataLog log() {
    return log;
  }

  /** What observers can follow here, while it is a member; nothing at an observer. */
  Optional<MetadataHistory> history() {
    return seat.map(taken -> taken.member().history());
  }

  /** Changes the quorum's members; nothing at an observer. */
  Optional<QuorumMembership> membership() {
    return seat.map(taken -> taken.member().membership());
  }

  /** Whether this broker is a member now. */
  boolean isMember() {
    return seat.map(QuorumSeat::isTaken).orElse(false);
  }

  /** The CONTROLLER listener's address that others are told; only who stands by or is a member. */
  Optional<HostPort> address() {
    return address;
  }

  /**
   * Waits until there is a quorum and all that it had committed before is known here: a command
   * that names the cluster, and so changes nothing but the first time, goes in and its image comes
   * out.
   *
   * @param loop for pauses between attempts
   * @return fails with INCONSISTENT_CLUSTER_ID when the quorum is another cluster's
   */
  CompletableFuture<ClusterImage> catchUp(OwnerLoop loop) {
    CompletableFuture<ClusterImage> caughtUp = new CompletableFuture<>();
    name(loop, caughtUp);
    return caughtUp;
  }

  private void name(OwnerLoop loop, CompletableFuture<ClusterImage> caughtUp) {
    log.submit(
        naming,
        (result, failure) -> {
          if (failure != null) {
            Throwable why = failure.getCause() == null ? failure : failure.getCause();
            LOG.info(
                "waiting for a majority of the controllers to be up{}: {}",
                address
                    .filter(unused -> isMember())
                    .map(own -> " that look for this one at " + own)
                    .orElse(""),
                why.getMessage());
            loop.schedule(RETRY_MS, () -> name(loop, caughtUp));
          } else {
            named(result, caughtUp);
          }
        });
  }

  private void named(CommandResult result, CompletableFuture<ClusterImage> caughtUp) {
    long index;
    try {
      index = result.orThrow().index();
    } catch (HighwaterException e) {
      caughtUp.completeExceptionally(e);
      return;
    }
    log.follow(
        image -> {
          if (image.index() >= index) {
            caughtUp.complete(image);
          }
        });
  }

  @Override
  public void close() {
    seat.ifPresentOrElse(QuorumSeat::close, log::close);
  }
}
