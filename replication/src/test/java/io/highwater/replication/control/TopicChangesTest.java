package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.AlterTopicConfigs;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.DeleteTopic;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Whoever follows images by what changed sees what a comparison of all topics would show. */
class TopicChangesTest {
  private static final int TOPICS = 6;

  private final ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3);

  @Property(tries = 300)
  void whatIsNotNamedDidNotChange(
      @ForAll @Size(max = 40) List<@IntRange(max = 6 * TOPICS) Integer> steps) {
    ClusterFixture played = ClusterFixture.withBrokers(1, 2, 3);
    List<ClusterImage> images = new ArrayList<>(List.of(ClusterImage.EMPTY));
    for (int step : steps) {
      play(played, step / TOPICS, step % TOPICS);
      images.add(played.state.image());
    }

    for (int later = 0; later < images.size(); later++) {
      for (int earlier = 0; earlier <= later; earlier++) {
        ClusterImage before = images.get(earlier);
        assertThat(images.get(later).topicsChangedSince(before))
            .containsAll(differing(before, images.get(later)));
      }
    }
  }

  private static void play(ClusterFixture played, int what, int topic) {
    UUID id = id(topic);
    boolean exists = played.state.image().topic(id) != null;
    switch (what) {
      case 0, 1 -> {
        // A deleted id is remembered, and the creation refused: then nothing is to be named.
        played.apply(create(topic));
      }
      case 2 -> played.apply(new DeleteTopic(id));
      case 3 -> played.restartCleanly(1 + topic % 3);
      case 4 -> played.fence(1 + topic % 3);
      default -> {
        if (exists) {
          played.apply(touch(id, topic));
        }
      }
    }
  }

  @Test
  void onlyWhatChangedIsNamed() {
    for (int topic = 0; topic < TOPICS; topic++) {
      cluster.accept(create(topic));
    }
    ClusterImage before = cluster.state.image();
    assertThat(before.topicsChangedSince(before)).isEmpty();

    cluster.accept(touch(id(4), 1));
    cluster.accept(new DeleteTopic(id(2)));
    assertThat(cluster.state.image().topicsChangedSince(before)).containsExactly(id(4), id(2));
    assertThat(cluster.state.image().topicsChangedSince(ClusterImage.EMPTY)).hasSize(TOPICS);
  }

  @Test
  void behindMoreChangesThanAreRememberedAllTopicsAreCompared() {
    cluster.accept(create(0));
    cluster.accept(create(1));
    cluster.accept(create(2));
    ClusterImage before = cluster.state.image();
    cluster.accept(new DeleteTopic(id(2)));
    for (int i = 0; i < 3_000; i++) {
      cluster.accept(touch(id(1), i % 2));
    }
    assertThat(cluster.state.image().topicsChangedSince(before))
        .containsExactlyInAnyOrder(id(1), id(2));
  }

  @Test
  void aSnapshotIsComparedWithWhatWasSeenBefore() throws IOException {
    cluster.accept(create(0));
    cluster.accept(create(1));
    ClusterImage before = cluster.state.image();
    cluster.accept(new DeleteTopic(id(0)));
    ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
    ImageCodec.write(cluster.state.image(), snapshot);

    ClusterImage restored = ImageCodec.read(new ByteArrayInputStream(snapshot.toByteArray()));
    assertThat(restored.topicsChangedSince(before)).containsExactlyInAnyOrder(id(0), id(1));
    ClusterState goesOn = new ClusterState(restored);
    goesOn.apply(restored.index() + 1, touch(id(1), 1));
    assertThat(goesOn.image().topicsChangedSince(restored)).containsExactly(id(1));
    assertThat(goesOn.image().topicsChangedSince(before)).contains(id(0), id(1));
  }

  /** A quorum that lost its data may go on otherwise, at the same indexes. */
  @Test
  void anotherLogsImageIsComparedWhateverItsIndex() {
    cluster.accept(create(0));
    ClusterImage common = cluster.state.image();
    ClusterState rolledBack = new ClusterState(common);
    cluster.accept(create(1));
    ClusterImage seen = cluster.state.image();

    rolledBack.apply(seen.index(), create(2));
    rolledBack.apply(seen.index() + 1, create(3));

    assertThat(rolledBack.image().topicsChangedSince(seen))
        .containsExactlyInAnyOrder(id(1), id(2), id(3));
    assertThat(rolledBack.image().topicsChangedSince(common))
        .containsExactlyInAnyOrder(id(2), id(3));
  }

  /** An in-sync set that changes may not cost more the more topics there are. */
  @Test
  void aChangeCostsWhatChangesHoweverManyTopicsThereAre() {
    assertThat(bytesOfAnIsrChange(20_000)).isLessThan(3 * bytesOfAnIsrChange(20));
  }

  private static long bytesOfAnIsrChange(int topics) {
    ClusterFixture many = ClusterFixture.withBrokers(1, 2, 3);
    for (int topic = 0; topic < topics; topic++) {
      many.accept(create(topic));
    }
    many.create(1, 1, 2, 3);
    int[] seen = new int[1];
    long[] bytes = new long[1];
    for (int i = 0; i < 200; i++) {
      AlterIsr change = i % 2 == 0 ? many.alterIsr(1, 2) : many.alterIsr(1, 2, 3);
      ClusterImage before = many.state.image();
      long start = allocatedBytes();
      many.state.apply(before.index() + 1, change);
      seen[0] += many.state.image().topicsChangedSince(before).size();
      bytes[0] += allocatedBytes() - start;
    }
    assertThat(seen[0]).isEqualTo(200);
    return bytes[0];
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private static Set<UUID> differing(ClusterImage before, ClusterImage after) {
    Set<UUID> ids = new HashSet<>();
    before.topics().forEach(topic -> ids.add(topic.id()));
    after.topics().forEach(topic -> ids.add(topic.id()));
    ids.removeIf(
        id -> after.topic(id) != null && after.topic(id).isUnchangedSince(before.topic(id)));
    return ids;
  }

  private static UUID id(int topic) {
    return new UUID(3, topic);
  }

  private static CreateTopic create(int topic) {
    return new CreateTopic("t" + topic, id(topic), List.of(List.of(1, 2, 3)), Map.of());
  }

  private static AlterTopicConfigs touch(UUID id, int value) {
    return new AlterTopicConfigs(id, Map.of("retention.ms", String.valueOf(value)), List.of());
  }
}
