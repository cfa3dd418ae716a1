package io.highwater.replication.sim;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
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
import io.highwater.replication.transport.ReplicaTransport;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Replica streams over the simulated network. Buffers are poisoned when their owner lets go. */
final class SimReplicaTransport implements ReplicaTransport {
  private final int self;
  private final SimLoop loop;
  private final SimNetwork network;
  private final IntFunction<SimBroker> brokers;
  private final Sabotage sabotage;

  SimReplicaTransport(
      int self,
      SimLoop loop,
      SimNetwork network,
      IntFunction<SimBroker> brokers,
      Sabotage sabotage) {
    this.self = self;
    this.loop = loop;
    this.network = network;
    this.brokers = brokers;
    this.sabotage = sabotage;
  }

  @Override
  public LeaderLink open(BrokerEndpoint leader, Hello hello, LeaderLinkListener listener) {
    SimBroker target = brokers.apply(leader.brokerId());
    LeaderSide leaderSide = new LeaderSide(listener, brokers.apply(self));
    SimStream.End followerEnd =
        new SimStream.End(
            self, loop, () -> listener.onClosed(ErrorCode.NETWORK_EXCEPTION, "connection lost"));
    SimStream.End leaderEnd =
        new SimStream.End(leader.brokerId(), target.loop(), leaderSide::closed);
    SimStream stream = network.stream(followerEnd, leaderEnd);
    leaderSide.stream = stream;
    stream.send(followerEnd, "hello", () -> leaderSide.follower = target.accept(leaderSide, hello));
    return new FollowerSide(stream, leaderSide, target);
  }

  private final class FollowerSide implements LeaderLink {
    private final SimStream stream;
    private final LeaderSide leader;
    private final SimBroker leaderBroker;

    FollowerSide(SimStream stream, LeaderSide leader, SimBroker leaderBroker) {
      this.stream = stream;
      this.leader = leader;
      this.leaderBroker = leaderBroker;
    }

    private void send(String label, Consumer<FollowerLinkListener> frame) {
      stream.send(stream.first(), label, () -> frame.accept(leader.follower));
    }

    @Override
    public void follow(Follow follow) {
      send("follow", to -> to.onFollow(sabotage.asked(follow, leaderBroker)));
    }

    @Override
    public void unfollow(TopicIdPartition partition) {
      send("unfollow", to -> to.onUnfollow(partition));
    }

    @Override
    public void ack(FollowerAck ack) {
      send("ack", to -> to.onAck(sabotage.acked(ack, leaderBroker)));
    }

    @Override
    public void answerHash(HashAnswer answer) {
      send("hash", to -> to.onHash(answer));
    }

    @Override
    public void grant(long cumulativeBytes) {
      send("grant", to -> to.onCredit(cumulativeBytes));
    }

    @Override
    public void close() {
      stream.close(stream.first());
    }
  }

  private final class LeaderSide implements FollowerLink {
    private final LeaderLinkListener listener;
    private final SimBroker followerBroker;
    private SimStream stream;
    private FollowerLinkListener follower;

    LeaderSide(LeaderLinkListener listener, SimBroker followerBroker) {
      this.listener = listener;
      this.followerBroker = followerBroker;
    }

    void closed() {
      if (follower != null) {
        follower.onClosed("connection lost");
      }
    }

    private void send(String label, Consumer<LeaderLinkListener> frame) {
      stream.send(stream.second(), label, () -> frame.accept(listener));
    }

    private int seenEpoch(TopicIdPartition partition, int leaderEpoch) {
      return sabotage.epoch(leaderEpoch, partition, followerBroker);
    }

    @Override
    public void accept(long brokerEpoch) {
      send("accept", to -> to.onAccepted(brokerEpoch));
    }

    @Override
    public void push(PushFrame frame, Consumer<ByteBuffer> release) {
      byte[] sent = new byte[frame.records().remaining()];
      frame.records().duplicate().get(sent);
      if (!frame.records().isReadOnly()) {
        Arrays.fill(frame.records().array(), (byte) 0xDB);
      }
      release.accept(frame.records());
      PushFrame copy =
          new PushFrame(
              frame.partition(),
              frame.leaderEpoch(),
              frame.previousEndOffset(),
              frame.highWatermark(),
              frame.lastStableOffset(),
              frame.logStartOffset(),
              frame.tombstoneHorizon(),
              frame.recencyRound(),
              ByteBuffer.wrap(sent));
      send(
          "push",
          to -> {
            to.onPush(sabotage.pushed(copy, followerBroker));
            Arrays.fill(sent, (byte) 0xDB);
          });
    }

    @Override
    public void diverged(TopicIdPartition partition, int leaderEpoch, int epoch, long endOffset) {
      send(
          "diverged",
          to -> to.onDiverged(partition, seenEpoch(partition, leaderEpoch), epoch, endOffset));
    }

    @Override
    public void reset(
        TopicIdPartition partition, int leaderEpoch, long logStartOffset, long horizon) {
      send(
          "reset",
          to -> to.onReset(partition, seenEpoch(partition, leaderEpoch), logStartOffset, horizon));
    }

    @Override
    public void differs(TopicIdPartition partition, int leaderEpoch, long endOffset, String text) {
      send(
          "differs",
          to -> to.onDiffers(partition, seenEpoch(partition, leaderEpoch), endOffset, text));
    }

    @Override
    public void askHash(HashQuestion question) {
      send("ask-hash", to -> to.onHashAsked(question));
    }

    @Override
    public void refuse(TopicIdPartition partition, int leaderEpoch, ErrorCode error) {
      send("refuse", to -> to.onRefused(partition, seenEpoch(partition, leaderEpoch), error));
    }

    @Override
    public void close(ErrorCode error, String text) {
      send("refuse-stream", to -> {});
      stream.close(stream.second());
    }
  }
}
