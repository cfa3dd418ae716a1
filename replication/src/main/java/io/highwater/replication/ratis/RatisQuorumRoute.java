package io.highwater.replication.ratis;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ImageCodec;
import io.highwater.replication.control.MemberProgress;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.QuorumFormation;
import io.highwater.replication.control.observer.QuorumRoute;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Queue;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.GroupMismatchException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.TimeDuration;

/** The way into the quorum for a broker that is no member: as a client of its consensus. */
public final class RatisQuorumRoute implements QuorumRoute {
  private final String clusterId;
  private final StrangerPath path;
  private final MemberQuestions questions;
  private final CommandSubmitter submitter;

  /**
   * @param clusterId the cluster; another one's controllers refuse
   * @param voters the controllers by node id, with their CONTROLLER listeners
   * @param submitTimeoutMs after which the outcome of a submitted command is unknown
   */
  public RatisQuorumRoute(
      String clusterId, SortedMap<Integer, Endpoint> voters, long submitTimeoutMs) {
    this.clusterId = clusterId;
    RaftGroupId groupId = QuorumGroup.id(clusterId);
    ClientId clientId = ClientId.randomId();
    List<RaftPeer> peers = QuorumGroup.peers(voters);
    RaftProperties properties = new RaftProperties();
    RaftClientConfigKeys.Rpc.setRequestTimeout(
        properties, TimeDuration.valueOf(MemberQuestions.TIMEOUT_MS, TimeUnit.MILLISECONDS));
    RaftClientRpc rpc = new GrpcFactory(new Parameters()).newRaftClientRpc(clientId, properties);
    rpc.addRaftPeers(peers);
    path = new StrangerPath(peers.stream().map(RaftPeer::getId).toList(), rpc);
    questions = new MemberQuestions(rpc, groupId, clientId);
    submitter = new CommandSubmitter(path, groupId, clientId, submitTimeoutMs);
  }

  @Override
  public CompletableFuture<CommandResult> submit(MetadataCommand command) {
    return submitter.submit(command);
  }

  /**
   * The members of the quorum as its leader knows them, those of a change under way among them;
   * fails when there is none to answer. A leader that was replaced does not know whom the next one
   * added; it commits nothing any more, so something that changes nothing is committed first.
   */
  public CompletableFuture<SortedMap<Integer, Endpoint>> voters() {
    return submit(new MetadataCommand.FormatCluster(clusterId))
        .thenCompose(
            unused ->
                submitter.ask("voters", answer -> QuorumConfig.parseVoters(answer.toStringUtf8())));
  }

  @Override
  public CompletableFuture<List<BrokerRegistration>> brokers() {
    Queue<String> refusals = new ConcurrentLinkedQueue<>();
    return path.members().stream()
        .map(member -> image(member, refusals))
        .reduce(
            CompletableFuture.completedFuture(ClusterImage.EMPTY),
            (one, other) -> one.thenCombine(other, RatisQuorumRoute::newer))
        .thenApply(
            newest -> {
              if (newest.clusterId().isEmpty()) {
                throw new HighwaterException(
                    ErrorCode.BROKER_NOT_AVAILABLE, String.join("; ", refusals));
              }
              return List.copyOf(newest.brokers());
            });
  }

  private static ClusterImage newer(ClusterImage one, ClusterImage other) {
    return one.index() > other.index() ? one : other;
  }

  /** What a member knows; the empty image, and a refusal, when it does not say. */
  private CompletableFuture<ClusterImage> image(RaftPeerId member, Queue<String> refusals) {
    return questions
        .ask(member, MetadataStateMachine.BROKERS, 0)
        .thenApply(answer -> image(answer.newInput()))
        .whenComplete(
            (image, failure) -> {
              if (failure != null) {
                refusals.add("controller " + member + ": " + failure.getMessage());
              } else if (image.clusterId().isEmpty()) {
                refusals.add("controller " + member + " knows no metadata yet");
              }
            })
        .exceptionally(failure -> ClusterImage.EMPTY);
  }

  /** What those have who answer, by node id; who is no member has nothing. */
  CompletableFuture<SortedMap<Integer, QuorumFormation.Answer>> answers() {
    SortedMap<Integer, QuorumFormation.Answer> answers = new ConcurrentSkipListMap<>();
    return CompletableFuture.allOf(
            path.members().stream()
                .map(
                    member ->
                        questions
                            .ask(member, MetadataStateMachine.STANDING, -1)
                            .thenApply(RatisQuorumRoute::answer)
                            .exceptionally(RatisQuorumRoute::stranger)
                            .thenAccept(
                                answer -> {
                                  if (answer != null) {
                                    answers.put(QuorumGroup.nodeId(member), answer);
                                  }
                                }))
                .toArray(CompletableFuture<?>[]::new))
        .thenApply(unused -> answers);
  }

  private static QuorumFormation.Answer answer(ByteString answer) {
    if (answer.isEmpty()) {
      throw new UncheckedIOException(new IOException("not a controller's answer"));
    }
    return new QuorumFormation.Answer(answer.byteAt(0) != 0, image(answer.substring(1).newInput()));
  }

  /** The answer of who is there and no member; null when it did not answer. */
  private static QuorumFormation.Answer stranger(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof GroupMismatchException) {
        return QuorumFormation.Answer.NOTHING;
      }
    }
    return null;
  }

  /**
   * Tells all members that answer how far one of them came.
   *
   * @return how far it came as far as they remember, and by what it said; never fails
   */
  public CompletableFuture<MemberProgress> tell(
      int node, UUID directoryId, MemberProgress progress) {
    return path.members().stream()
        .map(
            member ->
                questions
                    .tell(member, node, directoryId, progress)
                    .exceptionally(failure -> progress))
        .reduce(
            CompletableFuture.completedFuture(progress),
            (one, other) -> one.thenCombine(other, MemberProgress::and));
  }

  private static ClusterImage image(InputStream answer) {
    try {
      return ImageCodec.read(answer);
    } catch (IOException e) {
      throw new UncheckedIOException("not a controller's answer", e);
    }
  }

  @Override
  public void close() {
    try {
      submitter.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
