package io.highwater.client.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.client.BrokerUnreachableException;
import io.highwater.client.NewTopic;
import io.highwater.client.OffsetSpec;
import io.highwater.client.TopicDescription;
import io.highwater.client.TopicListing;
import io.highwater.client.fake.FakeCluster;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The admin client over real sockets. */
@Timeout(30)
class AdminTest {
  private final FakeCluster cluster = new FakeCluster(2, 1);
  private final Admin admin = Admin.builder().bootstrap(cluster.bootstrap()).build();

  @AfterEach
  void closeAll() {
    admin.close();
    cluster.close();
  }

  private static void assertFails(Runnable call, ErrorCode code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            HighwaterException.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }

  @Test
  void topicsAreCreatedDescribedListedAndDeleted() {
    TopicDescription created = admin.createTopic(NewTopic.of("orders", 3, 1));
    assertThat(created.partitions()).hasSize(3);
    assertThat(admin.describeTopic("orders")).isEqualTo(created);
    assertThat(admin.listTopics()).containsExactly("orders");
    TopicListing listing = admin.describeTopics(List.of("orders", "nowhere"));
    assertThat(listing.unknownTopics()).containsExactly("nowhere");
    assertThat(listing.brokers()).hasSize(2);
    assertThat(admin.deleteTopic("orders")).isEqualTo(created.topicId());
    assertThat(admin.listTopics()).isEmpty();
  }

  @Test
  void theBrokersErrorsComeThroughByName() {
    admin.createTopic(NewTopic.of("orders", 1, 1));
    assertFails(
        () -> admin.createTopic(NewTopic.of("orders", 1, 1)), ErrorCode.TOPIC_ALREADY_EXISTS);
    assertFails(() -> admin.deleteTopic("nowhere"), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assertFails(() -> admin.describeTopic("nowhere"), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void theClusterIsDescribed() {
    assertThat(admin.describeCluster().clusterId()).isEqualTo("fake");
    assertThat(admin.describeCluster().brokers()).hasSize(2);
    assertThat(admin.describeCluster().uncleanLeaderElections()).isEqualTo(3);
  }

  @Test
  void offsetsAreAskedOfTheLeader() {
    cluster.createTopic("orders", 2);
    TopicPartition first = new TopicPartition("orders", 0);
    TopicPartition second = new TopicPartition("orders", 1);
    cluster.moveLeader(first, 2);
    assertThat(
            admin
                .listOffsets(Map.of(first, OffsetSpec.LATEST, second, OffsetSpec.LOG_END))
                .keySet())
        .containsExactlyInAnyOrder(first, second);
    cluster.moveLeader(first, 1);
    assertThat(admin.listOffsets(Map.of(first, OffsetSpec.EARLIEST)).get(first).offset()).isZero();
  }

  @Test
  void whatTheClusterSaysOfAMissingLeaderIsSaid() {
    cluster.createTopic("orders", 1);
    TopicPartition first = new TopicPartition("orders", 0);
    cluster.leaderless(first, "start broker 7");
    try (Admin impatient =
        Admin.builder()
            .bootstrap(cluster.bootstrap())
            .requestTimeoutMs(500)
            .apiTimeoutMs(500)
            .build()) {
      assertThatThrownBy(() -> impatient.listOffsets(Map.of(first, OffsetSpec.LATEST)))
          .isInstanceOfSatisfying(
              HighwaterException.class,
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.LEADER_NOT_AVAILABLE))
          .hasMessageContaining("orders-0: start broker 7");
    }
  }

  @Test
  void anotherBrokerIsAskedWhenOneIsDead() {
    cluster.stop(1);
    assertThat(admin.describeCluster().brokers()).hasSize(1);
  }

  @Test
  void unreachableAddressesAreAllNamed() {
    String[] addresses = cluster.bootstrap().split(",", -1);
    cluster.close();
    try (Admin impatient =
        Admin.builder().bootstrap(String.join(",", addresses)).waitForBrokers(false).build()) {
      assertThatThrownBy(impatient::describeCluster)
          .isInstanceOf(BrokerUnreachableException.class)
          .hasMessageContaining(addresses[0])
          .hasMessageContaining(addresses[1])
          .hasMessageContaining("refused");
    }
  }

  /** As where an application and its brokers start together. */
  @Test
  void aCallWaitsForABrokerThatComesUpInTime() {
    int port = Integer.parseInt(cluster.bootstrap().split("[:,]", -1)[1]);
    cluster.stop(1);
    try (Admin early = Admin.builder().bootstrap("127.0.0.1:" + port).build()) {
      CompletableFuture<Integer> brokers =
          CompletableFuture.supplyAsync(() -> early.describeCluster().brokers().size());
      // Longer than a client that does not wait would try.
      await()
          .during(Duration.ofSeconds(2))
          .atMost(Duration.ofSeconds(10))
          .until(() -> !brokers.isDone());
      cluster.start(1, port);
      assertThat(brokers.join()).isEqualTo(2);
    }
  }

  @Test
  void aCallWaitsForBrokersNoLongerThanItMayTake() {
    String address = cluster.bootstrap().split(",", -1)[0];
    cluster.close();
    try (Admin patient =
        Admin.builder().bootstrap(address).requestTimeoutMs(500).apiTimeoutMs(1_500).build()) {
      assertThatThrownBy(patient::describeCluster)
          .isInstanceOf(BrokerUnreachableException.class)
          .hasMessageContaining(address);
    }
  }

  @Test
  void aHostThatDoesNotExistIsNamed() {
    try (Admin lost = Admin.builder().bootstrap("nowhere.invalid:7450").build()) {
      assertThatThrownBy(lost::describeCluster)
          .isInstanceOf(HighwaterException.class)
          .hasMessageContaining("nowhere.invalid:7450: unknown host");
    }
  }
}
