package io.highwater.replication.ratis;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandCodec;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ImageCodec;
import io.highwater.replication.control.LevelRange;
import io.highwater.replication.control.MemberProgress;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataHistory;
import io.highwater.replication.control.Published;
import io.highwater.replication.control.ResultCodec;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.MD5FileUtil;
import org.apache.ratis.util.ProtoUtils;

/**
 * Ratis's view of {@link ClusterState}: entries in, images out, snapshots kept as files. Ratis
 * applies on one thread of its own; an entry that cannot be applied stops the member.
 */
final class MetadataStateMachine extends BaseStateMachine {
  /** Asks for the image as it is here. */
  static final String BROKERS = "brokers";

  /** The same, after a byte that is 0 only while the log is empty. */
  static final String STANDING = "standing";

  /** Says how far a member came, asks how far it did: its node id, directory id and progress. */
  static final String PROGRESS = "progress ";

  /** Hears what becomes of leadership; on threads of Ratis. */
  interface QuorumListener {
    /** This member leads, and has applied all that came before. */
    void onLeading();

    /** Another member leads. */
    void onFollowing(RaftPeerId leader);

    /** This member does not lead any more. */
    void onDeposed();

    /** The members of the quorum are these from an index on; older ones are repeated at a start. */
    void onVoters(long index, List<RaftPeer> peers);

    /** The members of the quorum. */
    SortedMap<Integer, Endpoint> voters();

    /** The same with those whom a change that is under way adds or removes. */
    SortedMap<Integer, Endpoint> votersInForce();

    /** This software may not go on: a level is in force that it does not speak. */
    void onUnsupported(HighwaterException why);

    /** Ratis gave up or was closed. */
    void onShutdown();
  }

  private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
  private final Published<ClusterImage> images;
  private final MetadataHistory history;
  private final QuorumListener listener;
  private final QuorumMemory memory;
  private final SortedMap<String, LevelRange> features;
  private ClusterState state;

  /**
   * @param features levels that this software speaks, by feature
   */
  MetadataStateMachine(
      SortedMap<String, LevelRange> features,
      Published<ClusterImage> images,
      MetadataHistory history,
      QuorumMemory memory,
      QuorumListener listener) {
    this.features = features;
    this.state = new ClusterState(ClusterImage.EMPTY, features);
    this.images = images;
    this.history = history;
    this.memory = memory;
    this.listener = listener;
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage)
      throws IOException {
    getLifeCycle()
        .startAndTransition(
            () -> {
              super.initialize(server, groupId, raftStorage);
              storage.init(raftStorage);
              loadSnapshot();
            });
  }

  @Override
  public void pause() {
    getLifeCycle().transition(LifeCycle.State.PAUSING);
    getLifeCycle().transition(LifeCycle.State.PAUSED);
  }

  @Override
  public void reinitialize() throws IOException {
    loadSnapshot();
    if (getLifeCycleState() == LifeCycle.State.PAUSED) {
      getLifeCycle().transition(LifeCycle.State.STARTING);
      getLifeCycle().transition(LifeCycle.State.RUNNING);
    }
  }

  private void loadSnapshot() throws IOException {
    SingleFileSnapshotInfo snapshot = storage.loadLatestSnapshot();
    if (snapshot == null) {
      return;
    }
    File file = snapshot.getFile().getPath().toFile();
    MD5Hash md5 = snapshot.getFile().getFileDigest();
    if (md5 != null) {
      MD5FileUtil.verifySavedMD5(file, md5);
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file.toPath()))) {
      state = new ClusterState(ImageCodec.read(in), features);
    }
    setLastAppliedTermIndex(SimpleStateMachineStorage.getTermIndexFromSnapshotFile(file));
    history.restart(state.image());
    publish();
  }

  @Override
  public long takeSnapshot() throws IOException {
    TermIndex applied = getLastAppliedTermIndex();
    File file = storage.getSnapshotFile(applied.getTerm(), applied.getIndex());
    Path unfinished = file.toPath().resolveSibling(file.getName() + ".unfinished");
    try (FileOutputStream out = new FileOutputStream(unfinished.toFile())) {
      OutputStream buffered = new BufferedOutputStream(out);
      ImageCodec.write(state.image(), buffered);
      buffered.flush();
      out.getChannel().force(true);
    }
    Files.move(unfinished, file.toPath(), StandardCopyOption.ATOMIC_MOVE);
    MD5Hash md5 = MD5FileUtil.computeAndSaveMd5ForFile(file);
    storage.updateLatestSnapshot(
        new SingleFileSnapshotInfo(new FileInfo(file.toPath(), md5), applied));
    return applied.getIndex();
  }

  @Override
  public StateMachineStorage getStateMachineStorage() {
    return storage;
  }

  /**
   * Bytes that are no command never enter the log, wherever they come from, nor does a command
   * above the level in force.
   */
  @Override
  public TransactionContext startTransaction(RaftClientRequest request) throws IOException {
    TransactionContext transaction = super.startTransaction(request);
    try {
      MetadataCommand command =
          CommandCodec.decode(request.getMessage().getContent().toByteArray());
      ClusterState.refusal(command, images.get())
          .ifPresent(
              text ->
                  transaction.setException(
                      new HighwaterException(ErrorCode.UNSUPPORTED_VERSION, text)));
    } catch (IllegalArgumentException e) {
      transaction.setException(e);
    }
    return transaction;
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    byte[] command = entry.getStateMachineLogEntry().getLogData().toByteArray();
    CommandResult result;
    try {
      result = state.apply(entry.getIndex(), CommandCodec.decode(command));
    } catch (HighwaterException e) {
      listener.onUnsupported(e);
      throw e;
    }
    updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
    history.applied(state.image(), command);
    publish();
    return CompletableFuture.completedFuture(
        Message.valueOf(UnsafeByteOperations.unsafeWrap(ResultCodec.encode(result))));
  }

  /** For brokers that look for controllers, and controllers that look for a quorum. */
  @Override
  public CompletableFuture<Message> queryStale(Message request, long minIndex) {
    String question = request.getContent().toStringUtf8();
    ByteString.Output out = ByteString.newOutput();
    try {
      if (question.startsWith(PROGRESS)) {
        MemberProgress known = progress(question.substring(PROGRESS.length()));
        return CompletableFuture.completedFuture(Message.valueOf(known.text()));
      }
      if (question.equals(STANDING)) {
        RaftServer.Division division = getServer().join().getDivision(getGroupId());
        out.write(division.getRaftLog().getNextIndex() > 0 ? 1 : 0);
      }
      ImageCodec.write(images.get(), out);
    } catch (IOException | IllegalArgumentException e) {
      return CompletableFuture.failedFuture(e);
    }
    return CompletableFuture.completedFuture(Message.valueOf(out.toByteString()));
  }

  /** Of members only: nobody else's is worth remembering. */
  private MemberProgress progress(String said) throws IOException {
    String[] parts = said.split(" ", 3);
    if (parts.length < 3) {
      throw new IllegalArgumentException("not a member's progress: " + said);
    }
    int node = Integer.parseInt(parts[0]);
    MemberProgress progress = MemberProgress.parse(parts[2]);
    return listener.voters().containsKey(node)
        ? memory.remember(node, UUID.fromString(parts[1]), progress)
        : MemberProgress.none(progress.generation());
  }

  /** The members of the quorum, for those who may be none any more; answered by its leader. */
  @Override
  public CompletableFuture<Message> query(Message request) {
    return CompletableFuture.completedFuture(
        Message.valueOf(QuorumConfig.votersText(listener.votersInForce())));
  }

  @Override
  public void notifyConfigurationChanged(
      long term, long index, RaftConfigurationProto configuration) {
    // While there are old peers the change is not decided.
    if (configuration.getOldPeersCount() == 0) {
      listener.onVoters(
          index, configuration.getPeersList().stream().map(ProtoUtils::toRaftPeer).toList());
    }
  }

  private void publish() {
    images.update(previous -> state.image());
  }

  @Override
  public void notifyLeaderReady() {
    listener.onLeading();
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    if (!leader.equals(member.getPeerId())) {
      listener.onFollowing(leader);
    }
  }

  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    listener.onDeposed();
  }

  @Override
  public void notifyServerShutdown(RoleInfoProto role, boolean allServer) {
    listener.onShutdown();
  }
}
