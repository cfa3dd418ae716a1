package io.highwater.replication.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.control.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.MetadataProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real member, led by the test. */
@Timeout(60)
class FollowingMemberTest {
  private static final long TERM = 100;
  private static final int ROUNDS = 50;

  @TempDir Path directory;
  private RatisMetadataLog member;
  private ManagedChannel channel;
  private StreamObserver<AppendEntriesRequestProto> requests;
  private final BlockingQueue<AppendEntriesReplyProto> replies = new LinkedBlockingQueue<>();
  private long lastCallId;

  @BeforeEach
  void follow() throws IOException {
    SortedMap<Integer, Endpoint> voters = new TreeMap<>();
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      voters.put(1, new Endpoint("127.0.0.1", socket.getLocalPort()));
    }
    voters.put(2, new Endpoint("127.0.0.1", 1));
    voters.put(3, new Endpoint("127.0.0.1", 2));
    // It never becomes a candidate.
    int electionTimeoutMs = 600_000;
    member =
        TestMember.open(
            new QuorumConfig(
                1, "cluster", directory, voters, "127.0.0.1", electionTimeoutMs, 10_000, 10_000));
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", voters.get(1).port()).usePlaintext().build();
    requests =
        RaftServerProtocolServiceGrpc.newStub(channel)
            .appendEntries(
                new StreamObserver<>() {
                  @Override
                  public void onNext(AppendEntriesReplyProto reply) {
                    replies.add(reply);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    failure.printStackTrace();
                  }

                  @Override
                  public void onCompleted() {}
                });
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    member.close();
  }

  /** A leader repeats what is not answered in time, with what it has got meanwhile behind it. */
  @Test
  void whatItAcknowledgesIsInItsLogAlsoWhenARepeatCarriesMore() throws InterruptedException {
    long next = 0;
    for (int round = 0; round < ROUNDS; round++) {
      append(next, 1);
      append(next, 2);
      long acknowledged = 0;
      for (AppendEntriesReplyProto reply : List.of(reply(), reply())) {
        if (reply.getResult() == AppendResult.SUCCESS) {
          acknowledged = Math.max(acknowledged, reply.getMatchIndex() + 1);
        }
      }
      append(next, 0);
      long end = reply().getNextIndex();
      assertThat(end).as("end of the log in round %d", round).isGreaterThanOrEqualTo(acknowledged);
      assertThat(end).as("progress in round %d", round).isGreaterThan(next);
      next = end;
    }
  }

  private void append(long first, int count) {
    AppendEntriesRequestProto.Builder request =
        AppendEntriesRequestProto.newBuilder()
            .setServerRequest(
                RaftRpcRequestProto.newBuilder()
                    .setRequestorId(QuorumGroup.peerId(2).toByteString())
                    .setReplyId(QuorumGroup.peerId(1).toByteString())
                    .setRaftGroupId(
                        RaftGroupIdProto.newBuilder()
                            .setId(QuorumGroup.id("cluster").toByteString()))
                    .setCallId(++lastCallId))
            .setLeaderTerm(TERM);
    if (first > 0) {
      request.setPreviousLog(TermIndexProto.newBuilder().setTerm(TERM).setIndex(first - 1));
    }
    LongStream.range(first, first + count)
        .mapToObj(
            index ->
                LogEntryProto.newBuilder()
                    .setTerm(TERM)
                    .setIndex(index)
                    .setMetadataEntry(MetadataProto.newBuilder()))
        .forEach(request::addEntries);
    requests.onNext(request.build());
  }

  private AppendEntriesReplyProto reply() throws InterruptedException {
    AppendEntriesReplyProto reply = replies.poll(20, TimeUnit.SECONDS);
    assertThat(reply).as("the member's answer").isNotNull();
    return reply;
  }
}
