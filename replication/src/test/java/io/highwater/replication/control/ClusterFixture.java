package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.CommandResult.Rejected;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataCommand.ReportLogEnds;
import io.highwater.replication.control.MetadataCommand.StopBroker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A formatted cluster state with words for what happens to brokers. */
final class ClusterFixture {
  static final UUID TOPIC_ID = new UUID(7, 7);

  final List<MetadataCommand> commands = new ArrayList<>();
  final ClusterState state = new ClusterState(ClusterImage.EMPTY);
  private long incarnations;

  ClusterFixture() {
    accept(new FormatCluster("cluster", Feature.newest()));
  }

  static ClusterFixture withBrokers(int... ids) {
    ClusterFixture fixture = new ClusterFixture();
    for (int id : ids) {
      fixture.start(id);
    }
    return fixture;
  }

  CommandResult apply(MetadataCommand command) {
    commands.add(command);
    return state.apply(commands.size(), command);
  }

  Accepted accept(MetadataCommand command) {
    return apply(command).orThrow();
  }

  void reject(MetadataCommand command, ErrorCode error) {
    ClusterImage before = state.image();
    CommandResult result = apply(command);
    assertThat(result).isInstanceOf(Rejected.class);
    assertThat(((Rejected) result).error()).isEqualTo(error);
    assertThat(state.image()).isEqualTo(before.edit().at(commands.size()));
  }

  /** First start, or an unclean restart. */
  void start(int id) {
    accept(register(id, -1));
  }

  /** First start of a broker in a rack. */
  void startIn(String rack, int id) {
    RegisterBroker plain = register(id, -1);
    accept(
        new RegisterBroker(
            id,
            plain.incarnation(),
            plain.directoryId(),
            LastRun.UNKNOWN,
            plain.expectedBrokerEpoch(),
            plain.endpoints(),
            plain.version(),
            rack,
            plain.features()));
  }

  void restartCleanly(int id) {
    accept(register(id, epoch(id)));
  }

  /** A process that was killed on a machine that goes on starts again. */
  void restartKilled(int id) {
    RegisterBroker plain = register(id, -1);
    accept(
        new RegisterBroker(
            id,
            plain.incarnation(),
            plain.directoryId(),
            LastRun.killed(epoch(id)),
            plain.expectedBrokerEpoch(),
            plain.endpoints(),
            plain.version(),
            "",
            plain.features()));
  }

  RegisterBroker register(int id, long previousBrokerEpoch) {
    return new RegisterBroker(
        id,
        new UUID(1, ++incarnations),
        new UUID(2, id),
        previousBrokerEpoch,
        state.image().broker(id) == null ? -1 : epoch(id),
        Map.of(ListenerName.BROKERS, new Endpoint("localhost", 9_000 + id)),
        "test");
  }

  /** The same process once more, now that it knows how the node id is registered. */
  RegisterBroker again(RegisterBroker process) {
    return new RegisterBroker(
        process.brokerId(),
        process.incarnation(),
        process.directoryId(),
        process.lastRun().cleanEpoch(),
        epoch(process.brokerId()),
        process.endpoints(),
        process.version());
  }

  void fence(int id) {
    accept(new FenceBroker(id, epoch(id)));
  }

  void stop(int id) {
    accept(new StopBroker(id, epoch(id)));
  }

  void create(int minIsr, Integer... replicas) {
    accept(
        new CreateTopic(
            "orders",
            TOPIC_ID,
            List.of(Arrays.asList(replicas)),
            Map.of("min.insync.replicas", Integer.toString(minIsr))));
  }

  void report(int id, int lastEpoch, long logEndOffset) {
    report(id, lastEpoch, logEndOffset, ReportedEnd.UNKNOWN);
  }

  void report(int id, int lastEpoch, long logEndOffset, long highWatermark) {
    accept(
        new ReportLogEnds(
            id,
            epoch(id),
            List.of(
                new ReportLogEnds.Report(TOPIC_ID, 0, lastEpoch, logEndOffset, highWatermark))));
  }

  void offline(int id) {
    accept(new ReplicasOffline(id, epoch(id), List.of(new TopicIdPartition(TOPIC_ID, 0))));
  }

  /** Its log directory was missing when it started. */
  void absent(int id) {
    List<TopicIdPartition> replicas = List.of(new TopicIdPartition(TOPIC_ID, 0));
    accept(new ReplicasOffline(id, epoch(id), replicas, true));
  }

  AlterIsr alterIsr(Integer... isr) {
    PartitionImage p = partition();
    return new AlterIsr(
        List.of(
            new AlterIsr.Change(
                TOPIC_ID,
                0,
                p.leaderEpoch(),
                p.partitionEpoch(),
                Arrays.stream(isr).map(id -> new AlterIsr.Member(id, epoch(id))).toList())));
  }

  long epoch(int id) {
    return state.image().broker(id).epoch();
  }

  TopicImage topic() {
    return state.image().topic(TOPIC_ID);
  }

  PartitionImage partition() {
    return topic().partition(0);
  }
}
