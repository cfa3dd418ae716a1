package io.highwater.replication.ratis;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.QuorumMembership;
import io.highwater.replication.control.QuorumVoter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.apache.ratis.server.RaftServer;

/** Changes the quorum by entries of its log, in joint consensus (Raft, section 6). */
final class RatisQuorumMembership implements QuorumMembership {
  private static final long TIMEOUT_MS = 10_000;

  private final RaftServer server;
  private final RaftGroupId groupId;
  private final long liveMs;
  private final Supplier<CompletableFuture<Void>> resign;
  private final ClientId clientId = ClientId.randomId();
  private final AtomicLong callIds = new AtomicLong();

  /**
   * @param liveMs a member that was silent for so long is dead
   * @param resign hands the quorum's leadership to another member
   */
  RatisQuorumMembership(
      RaftServer server,
      RaftGroupId groupId,
      long liveMs,
      Supplier<CompletableFuture<Void>> resign) {
    this.server = server;
    this.groupId = groupId;
    this.liveMs = liveMs;
    this.resign = resign;
  }

  @Override
  public CompletableFuture<List<QuorumVoter>> voters() {
    return attempt(() -> CompletableFuture.completedFuture(List.copyOf(known().values())));
  }

  @Override
  public CompletableFuture<List<QuorumVoter>> add(int nodeId, Endpoint endpoint, boolean dryRun) {
    return attempt(
        () -> {
          SortedMap<Integer, QuorumVoter> voters = known();
          if (voters.containsKey(nodeId)) {
            throw new HighwaterException(
                ErrorCode.DUPLICATE_VOTER,
                "node " + nodeId + " is among the controllers " + voters.keySet());
          }
          SortedMap<Integer, QuorumVoter> next = new TreeMap<>(voters);
          next.put(nodeId, new QuorumVoter(nodeId, endpoint, true));
          return change(voters, next, dryRun);
        });
  }

  @Override
  public CompletableFuture<List<QuorumVoter>> remove(int nodeId, boolean dryRun) {
    return attempt(
        () -> {
          SortedMap<Integer, QuorumVoter> voters = known();
          SortedMap<Integer, QuorumVoter> next = new TreeMap<>(voters);
          if (next.remove(nodeId) == null) {
            throw new HighwaterException(
                ErrorCode.VOTER_NOT_FOUND,
                "node " + nodeId + " is not among the controllers " + voters.keySet());
          }
          if (next.isEmpty()) {
            throw new HighwaterException(
                ErrorCode.POLICY_VIOLATION,
                "node " + nodeId + " is the only controller: add another one first");
          }
          requireMajority(next);
          if (QuorumGroup.peerId(nodeId).equals(server.getId()) && !dryRun) {
            return resign
                .get()
                .thenCompose(
                    unused ->
                        CompletableFuture.failedFuture(
                            new HighwaterException(
                                ErrorCode.NOT_CONTROLLER,
                                "node " + nodeId + " leads the quorum that it is to leave")));
          }
          return change(voters, next, dryRun);
        });
  }

  private interface Attempt {
    CompletableFuture<List<QuorumVoter>> start() throws IOException;
  }

  private static CompletableFuture<List<QuorumVoter>> attempt(Attempt attempt) {
    try {
      return attempt
          .start()
          .exceptionallyCompose(failure -> CompletableFuture.failedFuture(named(failure)));
    } catch (IOException | HighwaterException e) {
      return CompletableFuture.failedFuture(named(e));
    }
  }

  /** The members as this leader knows them. */
  private SortedMap<Integer, QuorumVoter> known() throws IOException {
    RaftServer.Division division = server.getDivision(groupId);
    if (!division.getInfo().isLeader()) {
      throw new HighwaterException(
          ErrorCode.NOT_CONTROLLER, "node " + server.getId() + " does not lead the quorum");
    }
    Map<String, Long> silenceMs =
        division.getInfo().getRoleInfoProto().getLeaderInfo().getFollowerInfoList().stream()
            .collect(
                Collectors.toMap(
                    follower -> follower.getId().getId().toStringUtf8(),
                    follower -> follower.getLastRpcElapsedTimeMs(),
                    Math::min));
    SortedMap<Integer, QuorumVoter> voters = new TreeMap<>();
    for (RaftPeer peer : division.getRaftConf().getCurrentPeers()) {
      boolean live =
          peer.getId().equals(server.getId())
              || silenceMs.getOrDefault(peer.getId().toString(), Long.MAX_VALUE) < liveMs;
      QuorumVoter voter =
          new QuorumVoter(
              QuorumGroup.nodeId(peer.getId()), QuorumGroup.endpoint(peer.getAddress()), live);
      voters.put(voter.nodeId(), voter);
    }
    return voters;
  }

  private static void requireMajority(SortedMap<Integer, QuorumVoter> voters) {
    List<Integer> live =
        voters.values().stream().filter(QuorumVoter::live).map(QuorumVoter::nodeId).toList();
    if (live.size() * 2 <= voters.size()) {
      throw new HighwaterException(
          ErrorCode.POLICY_VIOLATION,
          "of the controllers "
              + voters.keySet()
              + " only "
              + live
              + " would be live, which is no majority");
    }
  }

  private CompletableFuture<List<QuorumVoter>> change(
      SortedMap<Integer, QuorumVoter> from, SortedMap<Integer, QuorumVoter> to, boolean dryRun)
      throws IOException {
    requireMajority(to);
    List<QuorumVoter> changed = new ArrayList<>(to.values());
    if (dryRun) {
      return CompletableFuture.completedFuture(changed);
    }
    SetConfigurationRequest.Arguments arguments =
        SetConfigurationRequest.Arguments.newBuilder()
            .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
            .setServersInCurrentConf(peers(from))
            .setServersInNewConf(peers(to))
            .build();
    return server
        .setConfigurationAsync(
            new SetConfigurationRequest(
                clientId, server.getId(), groupId, callIds.incrementAndGet(), arguments))
        .orTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS)
        .thenApply(RatisQuorumMembership::requireSuccess)
        .thenApply(reply -> changed);
  }

  private static List<RaftPeer> peers(SortedMap<Integer, QuorumVoter> voters) {
    SortedMap<Integer, Endpoint> endpoints = new TreeMap<>();
    voters.values().forEach(voter -> endpoints.put(voter.nodeId(), voter.endpoint()));
    return QuorumGroup.peers(endpoints);
  }

  private static RaftClientReply requireSuccess(RaftClientReply reply) {
    if (!reply.isSuccess()) {
      throw named(reply.getException());
    }
    return reply;
  }

  private static HighwaterException named(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && !(cause instanceof HighwaterException)) {
      cause = cause.getCause();
    }
    if (cause instanceof HighwaterException known) {
      return known;
    }
    ErrorCode code = ErrorCode.UNKNOWN_SERVER_ERROR;
    String text = "the quorum was not changed: " + cause.getMessage();
    if (cause instanceof ReconfigurationInProgressException
        || cause instanceof SetConfigurationException) {
      code = ErrorCode.QUORUM_CHANGE_IN_PROGRESS;
      text = "another change of the quorum is not done yet";
    } else if (cause instanceof ReconfigurationTimeoutException) {
      return new HighwaterException(
          ErrorCode.REQUEST_TIMED_OUT,
          Outcome.REFUSED,
          "the quorum was not changed: the new controller did not catch up, its log says why",
          failure);
    } else if (cause instanceof NotLeaderException || cause instanceof LeaderNotReadyException) {
      code = ErrorCode.NOT_CONTROLLER;
    } else if (cause instanceof TimeoutException) {
      code = ErrorCode.REQUEST_TIMED_OUT;
      text = "the change of the quorum is not confirmed after " + TIMEOUT_MS + " ms";
    }
    return new HighwaterException(code, text, failure);
  }
}
