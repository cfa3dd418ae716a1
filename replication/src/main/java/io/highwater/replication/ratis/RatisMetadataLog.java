package io.highwater.replication.ratis;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.MemberProgress;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataHistory;
import io.highwater.replication.control.Published;
import io.highwater.replication.control.PublishingMetadataLog;
import io.highwater.replication.control.QuorumMembership;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of the metadata quorum, embedded in a broker. What it keeps lies in {@code
 * __cluster_metadata} below the data directory, in one folder named after the cluster.
 */
public final class RatisMetadataLog extends PublishingMetadataLog {
  /** The folder below the data directory. */
  public static final String DIRECTORY = "__cluster_metadata";

  /** A member is live that answered within so many election timeouts, and at least so long. */
  private static final long LIVE_ELECTION_TIMEOUTS = 4;

  private static final long MIN_LIVE_MS = 1_500;
  private static final Logger LOG = LoggerFactory.getLogger(RatisMetadataLog.class);

  private final QuorumConfig config;
  private final List<RaftPeer> bootstrap;
  private final RaftGroupId groupId;
  private final MetadataHistory history;
  private final Published<SortedMap<Integer, Endpoint>> voters =
      new Published<>(Collections.emptySortedMap());
  private final Leadership quorum = new Leadership();
  private final RaftClientRpc rpc;
  private final RaftServer server;
  private final CommandSubmitter submitter;
  private final Consumer<HighwaterException> onFailure;
  private final LeaderWatch leaderWatch;
  private final ProgressWatch progressWatch;
  private final SilentMembers silentMembers;
  private final FlushWatch flushWatch;
  private final WriteWatch writeWatch;
  private volatile boolean closed;
  private volatile HighwaterException whyStopped =
      new HighwaterException(
          ErrorCode.UNKNOWN_SERVER_ERROR, "this broker's member of the metadata quorum stopped");

  /**
   * Starts a member: formats its storage on the first start, recovers it later. Returns as soon as
   * it listens; the image is current once there is a {@link #controller()}.
   *
   * @param storage of the data directory, which let it start
   * @param onFailure hears once, on a thread of the log, when the member stops although it was not
   *     closed, and why as far as that is known; the broker must stop then. With STORAGE_FULL the
   *     member has not stopped, but writes no more since its disk was full: now that there is room,
   *     close it, and {@link #openAgain}
   * @throws HighwaterException INCONSISTENT_CLUSTER_ID when the directory belongs to another
   *     cluster; KAFKA_STORAGE_ERROR when what the member keeps is damaged
   * @throws IOException when storage or listener cannot be opened
   */
  public static RatisMetadataLog open(
      QuorumConfig config, QuorumStorage storage, Consumer<HighwaterException> onFailure)
      throws IOException {
    return open(
        config, QuorumGroup.peers(config.voters()), storage, new MetadataHistory(), onFailure);
  }

  /**
   * The same for who is no member yet: votes and leads only after it was added. What it kept before
   * counts here as well.
   */
  public static RatisMetadataLog standBy(
      QuorumConfig config, QuorumStorage storage, Consumer<HighwaterException> onFailure)
      throws IOException {
    return open(config, List.of(), storage, new MetadataHistory(), onFailure);
  }

  /**
   * Stands by in the place of this one, which is closed; what is kept counts. {@link #history} is
   * the same from then on, so that who follows it goes on.
   *
   * @param onFailure as for {@link #open}, of the new one
   */
  public RatisMetadataLog standByAgain(
      QuorumStorage storage, Consumer<HighwaterException> onFailure) throws IOException {
    history.restart(ClusterImage.EMPTY);
    return open(config, List.of(), storage, history, onFailure);
  }

  /**
   * Opens what is kept in the place of this one, which is closed. {@link #history} is the same from
   * then on.
   *
   * @param onFailure as for {@link #open}, of the new one
   */
  public RatisMetadataLog openAgain(QuorumStorage storage, Consumer<HighwaterException> onFailure)
      throws IOException {
    history.restart(ClusterImage.EMPTY);
    return open(config, bootstrap, storage, history, onFailure);
  }

  private static RatisMetadataLog open(
      QuorumConfig config,
      List<RaftPeer> bootstrap,
      QuorumStorage storage,
      MetadataHistory history,
      Consumer<HighwaterException> onFailure)
      throws IOException {
    keepProcessAlive();
    RatisMetadataLog log = new RatisMetadataLog(config, bootstrap, storage, history, onFailure);
    try {
      log.server.start();
      log.leaderWatch.start();
      log.progressWatch.start();
      log.silentMembers.start();
      log.flushWatch.start();
      log.writeWatch.start();
      log.quorum.onVoters(Long.MAX_VALUE, log.quorum.configured());
    } catch (ExitUtils.ExitException e) {
      log.close();
      throw cannotListen(config, e);
    } catch (CompletionException e) {
      log.close();
      throw soundButNotUsable(e).orElseGet(() -> storage.damaged(e));
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
    return log;
  }

  /**
   * What is sound, and of newer software.
   *
   * @throws VirtualMachineError if it was only memory that was short
   */
  private static Optional<HighwaterException> soundButNotUsable(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof VirtualMachineError error) {
        throw error;
      }
      if (cause instanceof HighwaterException named
          && named.code() == ErrorCode.UNSUPPORTED_VERSION) {
        return Optional.of(named);
      }
    }
    return Optional.empty();
  }

  /** Ratis would end the process when a port is in use, or when any thread dies. */
  static void keepProcessAlive() {
    Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
    ExitUtils.disableSystemExit();
    Thread.setDefaultUncaughtExceptionHandler(handler);
  }

  static IOException cannotListen(QuorumConfig config, ExitUtils.ExitException cause) {
    return new IOException(
        "cannot listen at " + config.voters().get(config.nodeId()) + " for the quorum", cause);
  }

  private RatisMetadataLog(
      QuorumConfig config,
      List<RaftPeer> bootstrap,
      QuorumStorage quorumStorage,
      MetadataHistory history,
      Consumer<HighwaterException> onFailure)
      throws IOException {
    this.config = config;
    this.bootstrap = bootstrap;
    this.history = history;
    this.onFailure = onFailure;
    groupId = QuorumGroup.id(config.clusterId());
    Path storage = config.dataDirectory().resolve(DIRECTORY);
    Files.createDirectories(storage);
    checkCluster(storage, QuorumGroup.uuid(config.clusterId()));
    MemberProgress started = quorumStorage.stored();
    RaftProperties properties = QuorumProperties.of(config, storage.toFile());
    server =
        RaftServer.newBuilder()
            .setServerId(QuorumGroup.peerId(config.nodeId()))
            .setGroup(RaftGroup.valueOf(groupId, bootstrap))
            .setStateMachine(
                new MetadataStateMachine(
                    config.features(), images, history, quorumStorage.memory(), quorum))
            .setProperties(properties)
            // Formats where there is nothing to recover, and only there.
            .setOption(RaftStorage.StartupOption.RECOVER)
            .build();
    DivisionInfo member = server.getDivision(groupId).getInfo();
    leaderWatch = new LeaderWatch(member, controllers);
    flushWatch = new FlushWatch(server.getDivision(groupId), System::nanoTime);
    writeWatch =
        new WriteWatch(
            server.getDivision(groupId), quorumStorage, flushWatch, System::nanoTime, onFailure);
    silentMembers = new SilentMembers(member, server.getServerRpc(), liveMs(), this::voters);
    ClientId clientId = ClientId.randomId();
    rpc = new GrpcFactory(new Parameters()).newRaftClientRpc(clientId, properties);
    rpc.addRaftPeers(bootstrap);
    progressWatch =
        new ProgressWatch(
            server.getDivision(groupId),
            quorumStorage,
            started,
            new MemberQuestions(rpc, groupId, clientId),
            this::stopVoting);
    submitter =
        new CommandSubmitter(
            new MemberPath(server, groupId, rpc), groupId, clientId, config.submitTimeoutMs());
  }

  private void checkCluster(Path storage, UUID id) throws IOException {
    try (Stream<Path> entries = Files.list(storage)) {
      boolean foreign =
          entries
              .filter(entry -> Files.isDirectory(entry.resolve("current")))
              .anyMatch(entry -> !entry.endsWith(id.toString()));
      if (foreign) {
        throw new HighwaterException(
            ErrorCode.INCONSISTENT_CLUSTER_ID,
            storage + " holds the metadata of another cluster than " + config.clusterId());
      }
    }
  }

  /** At once, before anybody decides what becomes of the broker; who hears of it is told. */
  private void stopVoting(HighwaterException why) {
    whyStopped = why;
    // This may be one of the member's own threads, for which closing waits.
    var unused =
        CompletableFuture.runAsync(
            () -> {
              try {
                server.close();
              } catch (IOException e) {
                LOG.error("the member of the metadata quorum cannot be closed", e);
                onFailure.accept(whyStopped);
              }
            });
  }

  /** The newest entries, for brokers outside the quorum. */
  public MetadataHistory history() {
    return history;
  }

  /** The members as this one's log names them, by node id, with their CONTROLLER listeners. */
  public SortedMap<Integer, Endpoint> voters() {
    return voters.get();
  }

  /** Calls the listener with the present members, then with every change, on the log's threads. */
  public void onVotersChange(Consumer<SortedMap<Integer, Endpoint>> listener) {
    voters.follow(listener);
  }

  /** Changes the members, here as far as this one leads the quorum. */
  public QuorumMembership membership() {
    return new RatisQuorumMembership(server, groupId, liveMs(), this::resign);
  }

  private long liveMs() {
    return Math.max(MIN_LIVE_MS, LIVE_ELECTION_TIMEOUTS * config.electionTimeoutMs());
  }

  @Override
  public CompletableFuture<CommandResult> submit(MetadataCommand command) {
    return submitInForce(command, submitter::submit);
  }

  @Override
  public CompletableFuture<CommandResult> submitByOthers(MetadataCommand command) {
    SortedMap<Integer, Endpoint> others = new TreeMap<>(voters.get());
    others.remove(config.nodeId());
    if (others.isEmpty()) {
      return submit(command);
    }
    RatisQuorumRoute route =
        new RatisQuorumRoute(config.clusterId(), others, config.submitTimeoutMs());
    return route.submit(command).whenCompleteAsync((result, failure) -> route.close());
  }

  @Override
  public Set<Integer> controllers() {
    return voters.get().keySet();
  }

  @Override
  public CompletableFuture<Void> resign() {
    return new LeadershipTransfer(server, groupId).toAnyOther();
  }

  @Override
  public CompletableFuture<Void> resignTo(List<Integer> successors) {
    return new LeadershipTransfer(server, groupId)
        .toAnyOf(successors.stream().map(QuorumGroup::peerId).toList());
  }

  @Override
  public CompletableFuture<Void> stepDown() {
    return new LeadershipTransfer(server, groupId).byForce();
  }

  @Override
  public long unflushedMs() {
    return flushWatch.unflushedMs();
  }

  @Override
  public void close() {
    closed = true;
    leaderWatch.close();
    progressWatch.close();
    silentMembers.close();
    flushWatch.close();
    writeWatch.close();
    try (submitter) {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Leadership implements MetadataStateMachine.QuorumListener {
    @Override
    public void onLeading() {
      DivisionInfo division = division().getInfo();
      controllers.update(
          known ->
              // It may have been deposed while this was on its way.
              division.getCurrentRole() == RaftPeerRole.LEADER
                  ? new Controller(config.nodeId(), division.getCurrentTerm())
                  : known);
      format();
    }

    private void format() {
      if (!images.get().clusterId().isEmpty() || controllers.get().id() != config.nodeId()) {
        return;
      }
      submit(
          new FormatCluster(config.clusterId(), Feature.newest(config.features())),
          (result, failure) -> {
            if (failure != null && !closed) {
              LOG.warn("the cluster is not formatted yet: {}", failure.toString());
              format();
            }
          });
    }

    @Override
    public void onFollowing(RaftPeerId leader) {
      long term = division().getInfo().getCurrentTerm();
      learn(new Controller(Integer.parseInt(leader.toString()), term));
    }

    @Override
    public void onDeposed() {
      controllers.update(known -> known.id() == config.nodeId() ? known.lost() : known);
    }

    @Override
    public void onVoters(long index, List<RaftPeer> peers) {
      if (index < division().getRaftConf().getLogEntryIndex()) {
        return;
      }
      rpc.addRaftPeers(peers);
      SortedMap<Integer, Endpoint> members = QuorumGroup.voters(peers);
      voters.update(before -> members);
    }

    @Override
    public SortedMap<Integer, Endpoint> voters() {
      return voters.get();
    }

    @Override
    public SortedMap<Integer, Endpoint> votersInForce() {
      return QuorumGroup.voters(division().getRaftConf().getAllPeers());
    }

    @Override
    public void onUnsupported(HighwaterException why) {
      whyStopped = why;
    }

    @Override
    public void onShutdown() {
      onDeposed();
      if (!closed) {
        LOG.info("the metadata quorum's member of this broker stopped");
        onFailure.accept(whyStopped);
      }
    }

    private List<RaftPeer> configured() {
      return List.copyOf(division().getRaftConf().getCurrentPeers());
    }

    private RaftServer.Division division() {
      try {
        return server.getDivision(groupId);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
