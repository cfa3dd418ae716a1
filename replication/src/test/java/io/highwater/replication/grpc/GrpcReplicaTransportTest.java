package io.highwater.replication.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.proto.grpc.RequestGuard;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.internal.v1.FollowerHello;
import io.highwater.proto.internal.v1.ReplicaServiceGrpc;
import io.highwater.proto.internal.v1.ReplicateRequest;
import io.highwater.proto.internal.v1.ReplicateResponse;
import io.highwater.proto.internal.v1.Unfollow;
import io.highwater.proto.record.BatchHeader;
import io.highwater.replication.transport.BrokerEndpoint;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.FollowerLink;
import io.highwater.replication.transport.FollowerLinkListener;
import io.highwater.replication.transport.HashAnswer;
import io.highwater.replication.transport.HashQuestion;
import io.highwater.replication.transport.Hello;
import io.highwater.replication.transport.LeaderLink;
import io.highwater.replication.transport.LeaderLinkListener;
import io.highwater.replication.transport.PushFrame;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both ends over real sockets on loopback, each on an event loop of its own. */
class GrpcReplicaTransportTest {
  private static final int MAX_MESSAGE_BYTES = NettyTransport.maxMessageBytes(1 << 20);
  private static final TopicIdPartition PARTITION = new TopicIdPartition(new UUID(1, 2), 3);
  private static final Hello HELLO = new Hello("cluster", 2, 20, 7, 1, true);
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final List<Object> atLeader = new CopyOnWriteArrayList<>();
  private final List<Object> atFollower = new CopyOnWriteArrayList<>();
  private final AtomicInteger released = new AtomicInteger();
  private EventLoopGroup leaderLoops;
  private EventLoopGroup followerLoops;
  private EventLoopOwner leaderLoop;
  private EventLoopOwner followerLoop;
  private Server server;
  private FollowerLink leaderEnd;
  private FollowerLinkListener leaderListener = new RecordingLeader();

  @BeforeEach
  void startLeader() throws Exception {
    leaderLoops = NettyTransport.eventLoops(1, "leader");
    followerLoops = NettyTransport.eventLoops(1, "follower");
    leaderLoop = new EventLoopOwner(leaderLoops.next());
    followerLoop = new EventLoopOwner(followerLoops.next());
    ReplicaGrpcService service =
        new ReplicaGrpcService(
            leaderLoop,
            (link, hello) -> {
              assertThat(leaderLoop.inLoop()).isTrue();
              atLeader.add(hello);
              leaderEnd = link;
              return leaderListener;
            });
    server =
        NettyTransport.server(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                leaderLoops,
                MAX_MESSAGE_BYTES)
            .addService(RequestGuard.guard(service.bindService()))
            .build()
            .start();
  }

  @AfterEach
  void stopAll() throws Exception {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    leaderLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    followerLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  @Test
  void everyFrameOfTheFollowerArrivesInOrder() {
    LeaderLink link = open(new RecordingFollower());
    Follow follow = new Follow(PARTITION, 5, 100, 4, 90, 30, BatchHeader.of(new byte[61]), true);
    FollowerAck ack = new FollowerAck(PARTITION, 5, 120, 110, 3, true);
    HashAnswer hash = HashAnswer.of(3, "abc");
    HashAnswer noHash = HashAnswer.none(4, "not now");
    followerLoop.execute(
        () -> {
          link.grant(1000);
          link.follow(follow);
          link.ack(ack);
          link.answerHash(hash);
          link.answerHash(noHash);
          link.unfollow(PARTITION);
          link.grant(2000);
        });

    await().until(() -> atLeader.size() == 8);
    assertThat(atLeader).containsExactly(HELLO, 1000L, follow, ack, hash, noHash, PARTITION, 2000L);
    close(link);
  }

  @Test
  void everyFrameOfTheLeaderArrivesInOrder() {
    LeaderLink link = open(new RecordingFollower());
    await().until(() -> atLeader.contains(HELLO));
    PushFrame data =
        new PushFrame(PARTITION, 5, 100, 90, 80, 7, 30, 4, ByteBuffer.wrap(new byte[10]));
    PushFrame watermark = new PushFrame(PARTITION, 5, 110, 110, 110, 7, 30, 0, NOTHING);
    leaderLoop.execute(
        () -> {
          leaderEnd.accept(33);
          leaderEnd.push(data, this::count);
          leaderEnd.push(watermark, this::count);
          leaderEnd.diverged(PARTITION, 5, 3, 70);
          leaderEnd.reset(PARTITION, 5, 60, 70);
          leaderEnd.differs(PARTITION, 5, 40, "not the same");
          leaderEnd.askHash(new HashQuestion(9, PARTITION, 5, 10, 20, 300));
          leaderEnd.refuse(PARTITION, 5, ErrorCode.FENCED_LEADER_EPOCH);
        });

    await().until(() -> atFollower.size() == 8);
    assertThat(atFollower)
        .containsExactly(
            "accepted 33",
            data,
            watermark,
            "diverged 5 3 70",
            "reset 5 60 70",
            "differs 5 40 not the same",
            new HashQuestion(9, PARTITION, 5, 10, 20, 300),
            "refused 5 FENCED_LEADER_EPOCH");
    assertThat(released).hasValue(2);
    close(link);
  }

  @Test
  void megabytesArePushedUnderCreditFromBuffersThatAreReused() {
    int frameBytes = 256 * 1024;
    int frames = 200;
    long creditBytes = 4L * frameBytes;
    PushingLeader leader = new PushingLeader(frameBytes, frames);
    leaderListener = leader;
    AtomicLong taken = new AtomicLong();
    AtomicInteger wrong = new AtomicInteger();
    LeaderLink[] link = new LeaderLink[1];
    link[0] =
        open(
            new RecordingFollower() {
              @Override
              public void onPush(PushFrame frame) {
                if (!isFrame(frame.records(), frame.previousEndOffset())) {
                  wrong.incrementAndGet();
                }
                long bytes = taken.addAndGet(frame.records().remaining());
                link[0].grant(bytes + creditBytes);
              }
            });
    followerLoop.execute(() -> link[0].grant(creditBytes));

    await().until(() -> taken.get() == (long) frames * frameBytes);
    assertThat(wrong).hasValue(0);
    assertThat(released).hasValue(frames);
    assertThat(leader.allocated).as("buffers that went round").hasValueLessThan(frames / 10);
    close(link[0]);
  }

  @Test
  void leaderThatClosesNamesTheError() {
    open(new RecordingFollower());
    await().until(() -> atLeader.contains(HELLO));
    leaderLoop.execute(() -> leaderEnd.close(ErrorCode.STALE_BROKER_EPOCH, "newer stream"));

    await().until(() -> !atFollower.isEmpty());
    assertThat(atFollower).containsExactly("closed STALE_BROKER_EPOCH newer stream");
    assertThat(atLeader).containsExactly(HELLO);
  }

  @Test
  void followerThatClosesIsHeardOnceAndHearsNothingMore() {
    LeaderLink link = open(new RecordingFollower());
    await().until(() -> atLeader.contains(HELLO));
    close(link);

    await().until(() -> atLeader.contains("closed"));
    leaderLoop.execute(
        () -> {
          leaderEnd.push(
              new PushFrame(PARTITION, 5, 0, 0, 0, 0, 0, 0, ByteBuffer.wrap(new byte[9])),
              this::count);
          leaderEnd.refuse(PARTITION, 5, ErrorCode.FENCED_LEADER_EPOCH);
          leaderEnd.close(ErrorCode.BROKER_NOT_AVAILABLE, "stopping");
        });
    await().until(() -> released.get() == 1);
    followerLoop.execute(() -> link.grant(5));
    assertThat(atLeader).containsExactly(HELLO, "closed");
    assertThat(atFollower).isEmpty();
  }

  @Test
  void leaderThatStopsBreaksTheStream() {
    open(new RecordingFollower());
    await().until(() -> atLeader.contains(HELLO));

    server.shutdownNow();

    await().until(() -> !atFollower.isEmpty() && atLeader.contains("closed"));
    assertThat((String) atFollower.get(0)).startsWith("closed NETWORK_EXCEPTION");
  }

  @Test
  void leaderThatIsNotThereClosesTheStream() {
    int port = server.getPort();
    server.shutdownNow();
    await().until(server::isTerminated);

    followerLoop.execute(() -> openOnLoop(port, new RecordingFollower()));

    await().until(() -> !atFollower.isEmpty());
    assertThat(atFollower).hasSize(1);
    assertThat((String) atFollower.get(0)).startsWith("closed NETWORK_EXCEPTION");
  }

  @Test
  void streamThatBreaksTheContractEndsByName() {
    ManagedChannel channel = channel(server.getPort());
    ReplicateRequest hello =
        ReplicateRequest.newBuilder().setHello(FollowerHello.newBuilder()).build();
    ReplicateRequest shortId =
        ReplicateRequest.newBuilder()
            .setUnfollow(Unfollow.newBuilder().setTopicId(ByteString.copyFromUtf8("short")))
            .build();
    try {
      assertThat(errorAfter(channel, shortId)).isEqualTo(ErrorCode.INVALID_REQUEST);
      assertThat(atLeader).isEmpty();
      assertThat(errorAfter(channel, hello, hello)).isEqualTo(ErrorCode.INVALID_REQUEST);
      assertThat(errorAfter(channel, hello, ReplicateRequest.getDefaultInstance()))
          .isEqualTo(ErrorCode.INVALID_REQUEST);
      assertThat(errorAfter(channel, hello, shortId)).isEqualTo(ErrorCode.INVALID_REQUEST);
      await().until(() -> atLeader.stream().filter("closed"::equals).count() == 3);
    } finally {
      channel.shutdownNow();
    }
  }

  private static ErrorCode errorAfter(ManagedChannel channel, ReplicateRequest... requests) {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    StreamObserver<ReplicateRequest> stream =
        ReplicaServiceGrpc.newStub(channel)
            .replicate(
                new StreamObserver<ReplicateResponse>() {
                  @Override
                  public void onNext(ReplicateResponse response) {}

                  @Override
                  public void onError(Throwable failure) {
                    failures.add(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    for (ReplicateRequest request : requests) {
      stream.onNext(request);
    }
    await().until(() -> !failures.isEmpty());
    return StatusMapper.fromThrowable(failures.get(0)).code();
  }

  private LeaderLink open(LeaderLinkListener listener) {
    LeaderLink[] link = new LeaderLink[1];
    int port = server.getPort();
    followerLoop.execute(() -> link[0] = openOnLoop(port, listener));
    await().until(() -> link[0] != null);
    return link[0];
  }

  private LeaderLink openOnLoop(int port, LeaderLinkListener listener) {
    return new GrpcReplicaTransport(followerLoop, endpoint -> channel(endpoint.port()))
        .open(new BrokerEndpoint(1, "localhost", port), HELLO, listener);
  }

  private ManagedChannel channel(int port) {
    return NettyTransport.channel("localhost", port, followerLoops, MAX_MESSAGE_BYTES).build();
  }

  private void close(LeaderLink link) {
    followerLoop.execute(link::close);
  }

  private void count(ByteBuffer records) {
    assertThat(leaderLoop.inLoop()).isTrue();
    released.incrementAndGet();
  }

  private static boolean isFrame(ByteBuffer records, long number) {
    for (int i = records.position(); i < records.limit(); i++) {
      if (records.get(i) != (byte) (number + i)) {
        return false;
      }
    }
    return true;
  }

  private class RecordingLeader implements FollowerLinkListener {
    @Override
    public void onFollow(Follow follow) {
      atLeader.add(follow);
    }

    @Override
    public void onUnfollow(TopicIdPartition partition) {
      atLeader.add(partition);
    }

    @Override
    public void onAck(FollowerAck ack) {
      atLeader.add(ack);
    }

    @Override
    public void onHash(HashAnswer answer) {
      atLeader.add(answer);
    }

    @Override
    public void onCredit(long cumulativeBytes) {
      assertThat(leaderLoop.inLoop()).isTrue();
      atLeader.add(cumulativeBytes);
    }

    @Override
    public void onClosed(String text) {
      atLeader.add("closed");
    }
  }

  /**
   * Pushes numbered frames as far as the credit goes, from buffers that are poisoned in between.
   */
  private final class PushingLeader extends RecordingLeader {
    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
    private final int frameBytes;
    private final int frames;
    private final AtomicInteger allocated = new AtomicInteger();
    private int next;

    PushingLeader(int frameBytes, int frames) {
      this.frameBytes = frameBytes;
      this.frames = frames;
    }

    @Override
    public void onCredit(long cumulativeBytes) {
      while (next < frames && (next + 1L) * frameBytes <= cumulativeBytes) {
        ByteBuffer buffer = free.poll();
        if (buffer == null) {
          buffer = ByteBuffer.allocate(frameBytes);
          allocated.incrementAndGet();
        }
        for (int i = 0; i < frameBytes; i++) {
          buffer.put(i, (byte) (next + i));
        }
        leaderEnd.push(new PushFrame(PARTITION, 1, next, 0, 0, 0, 0, 0, buffer), this::poison);
        next++;
      }
    }

    private void poison(ByteBuffer buffer) {
      for (int i = 0; i < frameBytes; i++) {
        buffer.put(i, (byte) 0xee);
      }
      free.add(buffer);
      released.incrementAndGet();
    }
  }

  private class RecordingFollower implements LeaderLinkListener {
    @Override
    public void onAccepted(long leaderBrokerEpoch) {
      assertThat(followerLoop.inLoop()).isTrue();
      atFollower.add("accepted " + leaderBrokerEpoch);
    }

    @Override
    public void onPush(PushFrame frame) {
      ByteBuffer copy = ByteBuffer.allocate(frame.records().remaining());
      copy.put(frame.records()).flip();
      atFollower.add(
          new PushFrame(
              frame.partition(),
              frame.leaderEpoch(),
              frame.previousEndOffset(),
              frame.highWatermark(),
              frame.lastStableOffset(),
              frame.logStartOffset(),
              frame.tombstoneHorizon(),
              frame.recencyRound(),
              copy));
    }

    @Override
    public void onDiverged(TopicIdPartition partition, int leaderEpoch, int epoch, long endOffset) {
      atFollower.add("diverged " + leaderEpoch + " " + epoch + " " + endOffset);
    }

    @Override
    public void onReset(
        TopicIdPartition partition, int leaderEpoch, long logStartOffset, long horizon) {
      atFollower.add("reset " + leaderEpoch + " " + logStartOffset + " " + horizon);
    }

    @Override
    public void onDiffers(TopicIdPartition partition, int leaderEpoch, long end, String text) {
      atFollower.add("differs " + leaderEpoch + " " + end + " " + text);
    }

    @Override
    public void onHashAsked(HashQuestion question) {
      atFollower.add(question);
    }

    @Override
    public void onRefused(TopicIdPartition partition, int leaderEpoch, ErrorCode error) {
      atFollower.add("refused " + leaderEpoch + " " + error);
    }

    @Override
    public void onClosed(ErrorCode error, String text) {
      assertThat(followerLoop.inLoop()).isTrue();
      atFollower.add("closed " + error + " " + text);
    }
  }
}
