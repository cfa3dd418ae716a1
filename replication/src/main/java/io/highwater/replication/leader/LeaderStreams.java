package io.highwater.replication.leader;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.ReplicasConfig;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.core.Hearing;
import io.highwater.replication.transport.FollowerLink;
import io.highwater.replication.transport.FollowerLinkAcceptor;
import io.highwater.replication.transport.FollowerLinkListener;
import io.highwater.replication.transport.Hello;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.NanoClock;

/**
 * The streams on which other brokers follow this one: at most one for each, its newest. On the
 * owner loop.
 */
public final class LeaderStreams implements FollowerLinkAcceptor, Hearing {
  private final ReplicasConfig config;
  private final OwnerLoop loop;
  private final Executor io;
  private final NanoClock wakeful;
  private final Supplier<ClusterImage> image;
  private final Function<TopicIdPartition, Leadership> leaderships;
  private final FrameBuffers buffers;
  private final CatchUpRate catchUpRate;
  private final CatchUpThrottle catchUp;
  private final Map<Integer, ReplicaSender> senders = new HashMap<>();
  private final Long2LongHashMap lastHeardMs = new Long2LongHashMap(NEVER);

  /**
   * @param io reads what may have to come from the disk
   * @param wakeful for what is expected of followers; hardly counts pauses of this process
   * @param image the newest image
   * @param leaderships what is led here, or null
   */
  public LeaderStreams(
      ReplicasConfig config,
      OwnerLoop loop,
      Executor io,
      NanoClock clock,
      NanoClock wakeful,
      Supplier<ClusterImage> image,
      Function<TopicIdPartition, Leadership> leaderships) {
    this.config = config;
    this.loop = loop;
    this.io = io;
    this.wakeful = wakeful;
    this.image = image;
    this.leaderships = leaderships;
    this.buffers = new FrameBuffers(config.frameBytes());
    this.catchUpRate = new CatchUpRate(config.produceLatencyMaxMs(), clock.nanoTime());
    this.catchUp = new CatchUpThrottle(image, catchUpRate, clock);
  }

  @Override
  public FollowerLinkListener accept(FollowerLink link, Hello hello) {
    ReplicaSender sender = new ReplicaSender(link, hello, this);
    ClusterImage now = image.get();
    BrokerRegistration self = now.broker(config.brokerId());
    BrokerRegistration follower = now.broker(hello.brokerId());
    ReplicaSender older = senders.get(hello.brokerId());
    if (!hello.clusterId().equals(now.clusterId())) {
      sender.close(
          ErrorCode.INCONSISTENT_CLUSTER_ID,
          "this is cluster " + now.clusterId() + ", not " + hello.clusterId());
    } else if (hello.leaderBrokerId() != config.brokerId() || self == null) {
      sender.close(
          ErrorCode.BROKER_NOT_AVAILABLE,
          "this is broker " + config.brokerId() + ", not " + hello.leaderBrokerId());
    } else if ((follower != null && hello.brokerEpoch() < follower.epoch())
        || (older != null && isOlder(hello, older.hello()))) {
      sender.close(
          ErrorCode.STALE_BROKER_EPOCH, "broker " + hello.brokerId() + " has a newer stream");
    } else {
      if (older != null) {
        older.close(ErrorCode.STALE_BROKER_EPOCH, "replaced by a newer stream");
      }
      senders.put(hello.brokerId(), sender);
      heard(hello.brokerId());
      link.accept(self.epoch());
    }
    return sender;
  }

  private static boolean isOlder(Hello hello, Hello present) {
    return hello.brokerEpoch() < present.brokerEpoch()
        || (hello.brokerEpoch() == present.brokerEpoch()
            && hello.incarnation() <= present.incarnation());
  }

  /** Closes every stream. */
  public void close() {
    for (ReplicaSender sender : List.copyOf(senders.values())) {
      sender.close(ErrorCode.BROKER_NOT_AVAILABLE, "the broker stops");
    }
  }

  /** Hears how long producers wait, and says what they bear. */
  public CatchUpRate catchUpRate() {
    return catchUpRate;
  }

  /** Whether a replica being added is held back because producers wait. */
  public boolean isPaused(TopicIdPartition partition, int follower) {
    return catchUp.isPaused(partition, follower);
  }

  OwnerLoop loop() {
    return loop;
  }

  /**
   * Compares the next range of what is led here with what its followers hold (REP-10); see {@link
   * ComparedRange}. On the owner loop.
   *
   * @param fromOffset where to begin, or below the log start
   * @param repair whether followers that differ yield to the leader where no majority tells
   * @return completes on the owner loop; fails with NOT_LEADER_OR_FOLLOWER, or KAFKA_STORAGE_ERROR
   *     when the leader's own log does not read
   */
  public CompletableFuture<ComparedRange> compare(
      TopicIdPartition partition, long fromOffset, boolean repair) {
    Leadership led = leadership(partition);
    return led == null
        ? CompletableFuture.failedFuture(
            new HighwaterException(ErrorCode.NOT_LEADER_OR_FOLLOWER, "it is not led here"))
        : new RangeComparison(this, led, repair).from(fromOffset);
  }

  Executor io() {
    return io;
  }

  int brokerId() {
    return config.brokerId();
  }

  FrameBuffers buffers() {
    return buffers;
  }

  CatchUpThrottle catchUp() {
    return catchUp;
  }

  long highWatermarkDelayMs() {
    return config.highWatermarkDelayMs();
  }

  long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(wakeful.nanoTime());
  }

  /** A follower's broker gave a sign of life on its stream. */
  void heard(int brokerId) {
    lastHeardMs.put(brokerId, nowMs());
  }

  @Override
  public long lastHeardMs(int brokerId) {
    return lastHeardMs.get(brokerId);
  }

  Leadership leadership(TopicIdPartition partition) {
    return leaderships.apply(partition);
  }

  void closed(ReplicaSender sender) {
    senders.remove(sender.followerId(), sender);
  }
}
