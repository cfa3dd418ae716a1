package io.highwater.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ClusterViewTest {
  private static final UUID FIRST_LIFE = new UUID(0, 1);
  private static final UUID SECOND_LIFE = new UUID(0, 2);
  private static final TopicPartition ORDERS = new TopicPartition("orders", 0);

  private static final String CLUSTER = "this";

  private final ClusterView view = new ClusterView();

  private static TopicListing listing(long metadataOffset, UUID topicId, int leader, int epoch) {
    PartitionDescription partition =
        new PartitionDescription(0, leader, epoch, List.of(), List.of(), 0, List.of());
    return new TopicListing(
        List.of(new TopicDescription("orders", topicId, List.of(partition), Map.of())),
        List.of(),
        List.of(),
        metadataOffset,
        CLUSTER);
  }

  private static TopicListing gone(long metadataOffset) {
    return new TopicListing(List.of(), List.of("orders"), List.of(), metadataOffset, CLUSTER);
  }

  private static LeaderHint hint(int leader, int epoch) {
    return new LeaderHint(leader, new BrokerAddress("127.0.0.1", 7450 + leader), epoch);
  }

  @Test
  void hintsOfLaterEpochsCountAndNameTheAddress() {
    view.apply(listing(1, FIRST_LIFE, 1, 5));
    assertThat(view.apply(ORDERS, FIRST_LIFE, hint(2, 5))).isFalse();
    assertThat(view.apply(ORDERS, FIRST_LIFE, hint(2, 6))).isTrue();
    assertThat(view.leader(ORDERS)).isEqualTo(new PartitionLeader(2, 6));
    assertThat(view.address(2)).contains(new BrokerAddress("127.0.0.1", 7452));
  }

  @Test
  void metadataThatKnowsLessThanAHintDoesNotUndoIt() {
    view.apply(listing(1, FIRST_LIFE, 1, 5));
    view.apply(ORDERS, FIRST_LIFE, hint(2, 6));
    view.apply(listing(2, FIRST_LIFE, 1, 5));
    assertThat(view.leader(ORDERS)).isEqualTo(new PartitionLeader(2, 6));
  }

  @Test
  void anotherLifeOfATopicBeginsItsOwnEpochs() {
    view.apply(listing(1, FIRST_LIFE, 1, 5));
    view.apply(listing(2, SECOND_LIFE, 2, 0));
    assertThat(view.leader(ORDERS)).isEqualTo(new PartitionLeader(2, 0));
    assertThat(view.apply(ORDERS, FIRST_LIFE, hint(1, 9))).isFalse();
  }

  @Test
  void aBrokerThatLagsNeitherRevivesNorDeletesATopic() {
    view.apply(listing(5, SECOND_LIFE, 1, 0));
    view.apply(listing(4, FIRST_LIFE, 2, 7));
    view.apply(gone(3));
    assertThat(view.topic("orders")).map(TopicDescription::topicId).contains(SECOND_LIFE);
    view.apply(gone(6));
    assertThat(view.topic("orders")).isEmpty();
    assertThat(view.leader(ORDERS)).isEqualTo(PartitionLeader.UNKNOWN);
  }

  /** Brokers 1 to 4, of which 2 and 4 are in rack b; 1 leads, and all but 2 are in sync. */
  private static TopicListing racks(long metadataOffset, int leader, boolean fourthIsFenced) {
    PartitionDescription partition =
        new PartitionDescription(0, leader, 5, List.of(1, 2, 3, 4), List.of(4, 3, 1), 0, List.of());
    List<BrokerDescription> brokers =
        IntStream.rangeClosed(1, 4)
            .mapToObj(
                id ->
                    new BrokerDescription(
                        id,
                        new BrokerAddress("127.0.0.1", 7450 + id),
                        1,
                        id == 4 && fourthIsFenced,
                        "",
                        id % 2 == 0 ? "b" : "a" + id,
                        false,
                        new TreeMap<>()))
            .toList();
    return new TopicListing(
        List.of(new TopicDescription("orders", FIRST_LIFE, List.of(partition), Map.of())),
        List.of(),
        brokers,
        metadataOffset,
        CLUSTER);
  }

  @Test
  void theClosestReplicaIsAnInSyncOneInTheRackElseTheLeader() {
    assertThat(view.closestReplica(ORDERS, "b")).isEqualTo(PartitionDescription.NO_LEADER);
    view.apply(racks(1, 1, false));
    assertThat(view.closestReplica(ORDERS, "b")).isEqualTo(4);
    assertThat(view.closestReplica(ORDERS, "a3")).isEqualTo(3);
    assertThat(view.closestReplica(ORDERS, "elsewhere")).isEqualTo(1);
    assertThat(view.closestReplica(ORDERS, "")).isEqualTo(1);
    view.apply(racks(2, 1, true));
    assertThat(view.closestReplica(ORDERS, "b")).as("while 4 is fenced").isEqualTo(1);
  }

  @Test
  void aLeaderInTheRackIsTheClosest() {
    view.apply(racks(1, 2, false));
    assertThat(view.closestReplica(ORDERS, "b")).isEqualTo(2);
  }

  @Test
  void whoWasInSyncInAnOlderEpochIsNotChosen() {
    view.apply(racks(1, 1, false));
    view.apply(ORDERS, FIRST_LIFE, hint(3, 6));
    assertThat(view.closestReplica(ORDERS, "b")).isEqualTo(3);
  }

  @Property(tries = 200)
  void epochsNeverGoBack(@ForAll long seed) {
    ClusterView seen = new ClusterView();
    Random random = new Random(seed);
    List<Integer> epochs = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int epoch = random.nextInt(20);
      if (random.nextBoolean()) {
        seen.apply(ORDERS, FIRST_LIFE, hint(random.nextInt(3), epoch));
      } else {
        seen.apply(listing(random.nextInt(10), FIRST_LIFE, random.nextInt(3), epoch));
      }
      epochs.add(seen.leader(ORDERS).epoch());
    }
    assertThat(epochs).isSorted();
  }
}
