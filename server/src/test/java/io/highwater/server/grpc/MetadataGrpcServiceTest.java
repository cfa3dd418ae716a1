package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.v1.DescribeClusterRequest;
import io.highwater.proto.v1.DescribeClusterResponse;
import io.highwater.proto.v1.DescribeTopicsRequest;
import io.highwater.proto.v1.DescribeTopicsResponse;
import io.highwater.proto.v1.RecordLossCause;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.server.metadata.IsrHistory;
import io.highwater.server.partition.TopicCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MetadataGrpcServiceTest {
  private static final UUID TOPIC_ID = new UUID(7, 7);

  private final ClusterState cluster = new ClusterState(ClusterImage.EMPTY);
  private final TopicCatalog catalog = new TopicCatalog();
  private final AtomicReference<String> damage = new AtomicReference<>();
  private final MetadataGrpcService service =
      new MetadataGrpcService(catalog, new IsrHistory(() -> 0), () -> 1, partition -> damage.get());
  private long index;

  private void apply(MetadataCommand command) {
    cluster.apply(++index, command).orThrow();
    catalog.apply(cluster.image());
  }

  private long epoch(int broker) {
    return cluster.image().broker(broker).epoch();
  }

  private DescribeClusterResponse describeCluster() {
    Answer<DescribeClusterResponse> answer = new Answer<>();
    service.describeCluster(DescribeClusterRequest.getDefaultInstance(), answer);
    return answer.only();
  }

  @Test
  void anUncleanElectionIsCountedAndItsLossNamed() {
    apply(new MetadataCommand.FormatCluster("test"));
    for (int broker = 1; broker <= 2; broker++) {
      apply(
          new MetadataCommand.RegisterBroker(
              broker, new UUID(1, broker), new UUID(3, broker), -1, -1, Map.of(), "test"));
    }
    apply(new MetadataCommand.CreateTopic("orders", TOPIC_ID, List.of(List.of(1, 2)), Map.of()));
    apply(
        new MetadataCommand.AlterIsr(
            List.of(
                new MetadataCommand.AlterIsr.Change(
                    TOPIC_ID,
                    0,
                    0,
                    0,
                    List.of(new MetadataCommand.AlterIsr.Member(1, epoch(1)))))));
    apply(new MetadataCommand.FenceBroker(1, epoch(1)));
    assertThat(describeCluster().getUncleanLeaderElections()).isZero();

    apply(new MetadataCommand.ElectUnclean(List.of(new TopicIdPartition(TOPIC_ID, 0))));
    assertThat(describeCluster().getUncleanLeaderElections()).isEqualTo(1);
    Answer<DescribeTopicsResponse> topics = new Answer<>();
    service.describeTopics(DescribeTopicsRequest.getDefaultInstance(), topics);
    assertThat(topics.only().getTopics(0).getLossesList()).hasSize(1);
  }

  @Test
  void whyNobodyLeadsIsSaidAndTheElectionOfTheLongestLogCounted() {
    apply(new MetadataCommand.FormatCluster("test"));
    register();
    apply(new MetadataCommand.CreateTopic("orders", TOPIC_ID, List.of(List.of(1)), Map.of()));
    apply(new MetadataCommand.FenceBroker(1, epoch(1)));
    assertThat(orders().getPartitions(0).getLeaderlessReason())
        .contains("only replica is on broker 1; start broker 1");

    register();
    assertThat(orders().getPartitions(0).getLeaderlessReason())
        .endsWith("broker 1 is still opening its log");
    damage.set("a file is another's");
    assertThat(orders().getPartitions(0).getLeaderlessReason())
        .contains("the broker that answers cannot serve its log, because a file is another's");
    apply(
        new MetadataCommand.ReportLogEnds(
            1, epoch(1), List.of(new MetadataCommand.ReportLogEnds.Report(TOPIC_ID, 0, 0, 5, 9))));
    assertThat(orders().getPartitions(0).getLeaderlessReason()).isEmpty();
    assertThat(describeCluster().getLongestLogElections()).isEqualTo(1);
    assertThat(orders().getLosses(0).getCause())
        .isEqualTo(RecordLossCause.RECORD_LOSS_CAUSE_ALL_UNCLEAN);
    assertThat(orders().getLosses(0).getText()).contains("from offset 5 on, up to 9");
  }

  private void register() {
    long expected = cluster.image().broker(1) == null ? -1 : epoch(1);
    apply(
        new MetadataCommand.RegisterBroker(
            1, new UUID(1, index), new UUID(3, 1), -1, expected, Map.of(), "test"));
  }

  private TopicInfo orders() {
    Answer<DescribeTopicsResponse> topics = new Answer<>();
    service.describeTopics(DescribeTopicsRequest.getDefaultInstance(), topics);
    return topics.only().getTopics(0);
  }

  private static final class Answer<T> implements StreamObserver<T> {
    private final List<T> values = new ArrayList<>();

    private T only() {
      assertThat(values).hasSize(1);
      return values.get(0);
    }

    @Override
    public void onNext(T value) {
      values.add(value);
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void onCompleted() {}
  }
}
