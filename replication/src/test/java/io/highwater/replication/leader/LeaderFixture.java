package io.highwater.replication.leader;

import io.highwater.log.LogConfig;
import io.highwater.log.LogFixture;
import io.highwater.log.space.SpaceLimits;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.ManualLoop;
import io.highwater.replication.ReplicasConfig;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.core.HighWatermark;
import io.highwater.replication.core.IsrProposal;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.core.PartitionAssignment;
import io.highwater.replication.follower.ReconnectBackoff;
import io.highwater.replication.transport.FollowerLinkListener;
import io.highwater.replication.transport.Hello;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.agrona.concurrent.NanoClock;

/** Broker 1 leads partitions that brokers 2 and 3 follow; logs are real, links remember frames. */
final class LeaderFixture implements LeadershipEvents {
  static final int EPOCH = 4;
  static final int FRAME_BYTES = 1_000;
  static final UUID TOPIC_ID = new UUID(1, 1);

  final ManualLoop loop = new ManualLoop();
  final List<IsrProposal> proposals = new ArrayList<>();
  final List<HighwaterException> failures = new ArrayList<>();
  final LeaderStreams streams;
  private final ClusterState cluster = new ClusterState(ClusterImage.EMPTY);
  private final Map<TopicIdPartition, Leadership> led = new HashMap<>();
  private final Map<TopicIdPartition, LogFixture> logs = new HashMap<>();

  LeaderFixture() {
    long index = 0;
    cluster.apply(++index, new MetadataCommand.FormatCluster("test"));
    for (int id = 1; id <= 3; id++) {
      cluster.apply(
          ++index,
          new MetadataCommand.RegisterBroker(
              id,
              new UUID(2, id),
              new UUID(3, id),
              -1,
              -1,
              Map.of(ListenerName.BROKERS, new Endpoint("localhost", 9_000 + id)),
              "test"));
    }
    NanoClock clock = () -> loop.nowMs() * 1_000_000;
    streams =
        new LeaderStreams(config(), loop, Runnable::run, clock, clock, cluster::image, led::get);
  }

  static ReplicasConfig config() {
    return new ReplicasConfig(
        1,
        new UUID(2, 1),
        new LeaderState.Patience(1_000, 1_000, 100),
        100,
        10,
        new ReconnectBackoff(10, 100),
        FRAME_BYTES,
        10 * FRAME_BYTES,
        5,
        1_000,
        1_000,
        SpaceLimits.NONE,
        0);
  }

  static TopicIdPartition partition(int number) {
    return new TopicIdPartition(TOPIC_ID, number);
  }

  /** Begins to lead a partition with these brokers in sync. */
  Leadership lead(int number, int minIsr, Integer... isr) {
    return lead(LogConfig.DEFAULT, number, minIsr, isr);
  }

  /** As the other, of a log with these settings. */
  Leadership lead(LogConfig config, int number, int minIsr, Integer... isr) {
    LogFixture log = new LogFixture(config).open();
    TopicIdPartition partition = partition(number);
    logs.put(partition, log);
    Leadership leadership =
        new Leadership(
            partition,
            log.log,
            new LeaderState(
                1,
                cluster.image().broker(1).epoch(),
                assignment(0, minIsr, isr),
                log.log.logEndOffset(),
                log.log.highWatermark(),
                config().patience(),
                streams,
                HighWatermark.Quorum.MAXIMAL_ISR,
                loop.nowMs()),
            this);
    led.put(partition, leadership);
    return leadership;
  }

  static PartitionAssignment assignment(int version, int minIsr, Integer... isr) {
    return new PartitionAssignment(List.of(1, 2, 3), List.of(isr), 1, EPOCH, version, minIsr);
  }

  /** Leads it no longer. */
  void unlead(int number) {
    led.remove(partition(number)).end();
  }

  LogFixture log(int number) {
    return logs.get(partition(number));
  }

  FollowerLinkListener accept(RecordedLink link, int follower, long incarnation) {
    return accept(link, follower, incarnation, true);
  }

  FollowerLinkListener accept(
      RecordedLink link, int follower, long incarnation, boolean answersHash) {
    long epoch = cluster.image().broker(follower).epoch();
    return streams.accept(link, new Hello("test", follower, epoch, incarnation, 1, answersHash));
  }

  @Override
  public void appended(Leadership leadership) {}

  @Override
  public void highWatermarkAdvanced(Leadership leadership) {}

  @Override
  public void isrProposed(Leadership leadership, IsrProposal proposal) {
    proposals.add(proposal);
  }

  @Override
  public void storageFailed(Leadership leadership, HighwaterException failure) {
    failures.add(failure);
  }
}
