package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceHello;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.highwater.replication.ManualLoop;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.server.partition.TopicCatalog;
import io.highwater.server.produce.Append;
import io.highwater.server.produce.AppendOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** ACK-2, ACK-3: broker 1 forwards to broker 2, which leads, until broker 3 does. */
class LeaderRouteTest {
  private static final long CREDIT = 1 << 20;
  private static final TopicIdPartition PARTITION = new TopicIdPartition(new UUID(7, 7), 0);

  private final ManualLoop loop = new ManualLoop();
  private final ClusterState cluster = new ClusterState(ClusterImage.EMPTY);
  private final TopicCatalog catalog = new TopicCatalog();
  private final Map<Integer, FakeBroker> brokers = new HashMap<>();
  private final List<AppendOutcome> outcomes = new ArrayList<>();
  private final LeaderRoute route =
      new LeaderRoute(
          1,
          catalog,
          (request, records, answer) ->
              answer.accept(
                  AppendOutcome.failed(
                      ErrorCode.LEADER_NOT_AVAILABLE, Outcome.REFUSED, "nobody", null)),
          loop,
          leader -> {
            FakeBroker broker = new FakeBroker();
            brokers.put(leader.nodeId(), broker);
            return broker;
          });

  LeaderRouteTest() {
    change(new MetadataCommand.FormatCluster("test"));
    register(1, -1);
    register(2, -1);
    register(3, -1);
    change(
        new MetadataCommand.CreateTopic(
            "orders", PARTITION.topicId(), List.of(List.of(2, 3)), Map.of()));
    assertThat(catalog.leader(PARTITION).nodeId()).isEqualTo(2);
  }

  private void change(MetadataCommand command) {
    cluster.apply(cluster.image().index() + 1, command);
    catalog.apply(cluster.image());
  }

  private void register(int broker, long epochBefore) {
    change(
        new MetadataCommand.RegisterBroker(
            broker,
            new UUID(epochBefore, broker),
            new UUID(2, broker),
            -1,
            epochBefore,
            Map.of(ListenerName.CLIENTS, new Endpoint("broker-" + broker, 1)),
            "test"));
  }

  private void fence(int broker) {
    change(new MetadataCommand.FenceBroker(broker, catalog.image().broker(broker).epoch()));
  }

  /** A batch that is known by its timeout. */
  private void append(int name) {
    BatchBuilder batch = new BatchBuilder(Codec.NONE, 1_000);
    batch.append(1, null, new byte[1], List.of());
    route.append(
        new Append(PARTITION, Append.ANY_EPOCH, Acks.ALL, name), batch.build(), outcomes::add);
  }

  private int epoch() {
    return catalog.leader(PARTITION).leaderEpoch();
  }

  @Test
  void whatWasSentToALeaderThatHangsIsUnknownSoonAfterItWasReplaced() {
    append(1);
    brokers.get(2).greet(CREDIT);
    append(2);
    assertThat(brokers.get(2).names()).containsExactly(1, 2);

    fence(2);
    loop.pass(ForwardStream.LAST_ANSWERS_MS - 1);
    assertThat(outcomes).isEmpty();
    loop.pass(1);
    assertThat(outcomes)
        .extracting(AppendOutcome::error, AppendOutcome::outcome)
        .containsExactly(
            tuple(ErrorCode.NOT_LEADER_OR_FOLLOWER, Outcome.UNKNOWN),
            tuple(ErrorCode.NOT_LEADER_OR_FOLLOWER, Outcome.UNKNOWN));
    brokers.get(2).ack(0);
    assertThat(outcomes).hasSize(2);
  }

  @Test
  void aLeaderThatLivesHasTheLastWord() {
    append(1);
    brokers.get(2).greet(CREDIT);
    fence(2);
    brokers.get(2).ack(0);
    loop.pass(2 * ForwardStream.LAST_ANSWERS_MS);
    assertThat(outcomes).extracting(AppendOutcome::outcome).containsExactly(Outcome.DONE);
  }

  @Test
  void whatWasNotSentGoesToTheNextLeaderBeforeWhatComesLater() {
    append(1);
    append(2);
    fence(2);
    append(3);
    assertThat(brokers.get(2).names()).isEmpty();
    brokers.get(3).greet(CREDIT);
    assertThat(brokers.get(3).names()).containsExactly(1, 2, 3);
    brokers.get(2).greet(CREDIT);
    assertThat(brokers.get(2).names()).isEmpty();
    loop.pass(2 * ForwardStream.LAST_ANSWERS_MS);
    assertThat(outcomes).isEmpty();
  }

  /** Else a broker that wakes up and leads again might append it after what came later. */
  @Test
  void aBatchIsForTheEpochInWhichItWasSent() {
    append(1);
    brokers.get(2).greet(CREDIT);
    int before = epoch();
    fence(2);
    append(2);
    brokers.get(3).greet(CREDIT);
    assertThat(brokers.get(2).sent.get(0).getLeaderEpoch()).isEqualTo(before);
    assertThat(brokers.get(3).sent.get(0).getLeaderEpoch()).isEqualTo(epoch()).isNotEqualTo(before);

    brokers.get(3).refuse(0, ErrorCode.FENCED_LEADER_EPOCH);
    assertThat(outcomes)
        .extracting(AppendOutcome::error, AppendOutcome::outcome)
        .containsExactly(tuple(ErrorCode.NOT_LEADER_OR_FOLLOWER, Outcome.REFUSED));
  }

  @Test
  void whatNobodyLeadsIsRefused() {
    append(1);
    fence(3);
    fence(2);
    assertThat(outcomes)
        .extracting(AppendOutcome::error, AppendOutcome::outcome)
        .containsExactly(tuple(ErrorCode.LEADER_NOT_AVAILABLE, Outcome.REFUSED));
  }

  @Test
  void anotherPartitionsChangeConcernsNobodyElse() {
    append(1);
    brokers.get(2).greet(CREDIT);
    fence(1);
    loop.pass(2 * ForwardStream.LAST_ANSWERS_MS);
    assertThat(outcomes).isEmpty();
    assertThat(brokers.get(2).isShutdown()).isFalse();
  }

  @Test
  void aConnectionEndsWhenItsBrokerHasStartedAnew() {
    append(1);
    FakeBroker before = brokers.get(2);
    before.greet(CREDIT);
    register(2, catalog.image().broker(2).epoch());
    loop.pass(ForwardStream.LAST_ANSWERS_MS);
    assertThat(before.isShutdown()).isTrue();
    assertThat(outcomes).extracting(AppendOutcome::outcome).containsExactly(Outcome.UNKNOWN);
  }

  /** The far end of a forwarding connection, which does what the test says. */
  private static final class FakeBroker extends ManagedChannel {
    private final List<ProduceStreamRequest> sent = new ArrayList<>();
    private ClientCall.Listener<ProduceStreamResponse> client;
    private boolean shut;

    void greet(long credit) {
      tell(
          ProduceStreamResponse.newBuilder()
              .setHello(ProduceHello.newBuilder().setCredit(Credit.newBuilder().setBytes(credit))));
    }

    void ack(long correlationId) {
      tell(
          ProduceStreamResponse.newBuilder()
              .setAck(ProduceAck.newBuilder().setCorrelationId(correlationId)));
    }

    void refuse(long correlationId, ErrorCode error) {
      tell(
          ProduceStreamResponse.newBuilder()
              .setAck(
                  ProduceAck.newBuilder()
                      .setCorrelationId(correlationId)
                      .setErrorValue(error.wire())
                      .setOutcome(io.highwater.proto.v1.Outcome.OUTCOME_REFUSED)));
    }

    private void tell(ProduceStreamResponse.Builder frame) {
      client.onMessage(frame.build());
    }

    List<Integer> names() {
      return sent.stream().map(ProduceStreamRequest::getTimeoutMs).toList();
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
      return new ClientCall<>() {
        @Override
        @SuppressWarnings("unchecked")
        public void start(Listener<A> listener, Metadata headers) {
          client = (Listener<ProduceStreamResponse>) listener;
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(String message, Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {
          sent.add((ProduceStreamRequest) ((RecordsFrame<?>) message).head());
        }
      };
    }

    @Override
    public String authority() {
      return "fake";
    }

    @Override
    public ManagedChannel shutdown() {
      shut = true;
      return this;
    }

    @Override
    public ManagedChannel shutdownNow() {
      return shutdown();
    }

    @Override
    public boolean isShutdown() {
      return shut;
    }

    @Override
    public boolean isTerminated() {
      return shut;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return shut;
    }
  }
}
