package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.internal.v1.BrokerSnapshot;
import io.highwater.proto.internal.v1.ClusterSnapshot;
import io.highwater.proto.internal.v1.FenceBrokerRecord;
import io.highwater.proto.internal.v1.MetadataRecord;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataCommand.Unknown;
import io.highwater.replication.control.MetadataCommand.UnregisterBroker;
import io.highwater.replication.control.MetadataCommand.UpdateFeatures;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** CTL-1 over several versions of the software. */
class FeatureTest {
  private static final String KEY = Feature.METADATA_VERSION.key();
  private static final int NEWEST = Feature.METADATA_VERSION.supported().max();
  private static final TopicIdPartition ID = new TopicIdPartition(ClusterFixture.TOPIC_ID, 0);
  private static final UnknownFieldSet NEWER =
      UnknownFieldSet.newBuilder()
          .addField(
              900,
              UnknownFieldSet.Field.newBuilder()
                  .addLengthDelimited(ByteString.copyFromUtf8("later"))
                  .build())
          .build();

  private final ClusterState state = new ClusterState(ClusterImage.EMPTY);
  private long index;

  private CommandResult apply(MetadataCommand command) {
    return state.apply(++index, command);
  }

  private void accept(MetadataCommand command) {
    apply(command).orThrow();
  }

  private String refused(MetadataCommand command, ErrorCode error) {
    ClusterImage before = state.image();
    CommandResult result = apply(command);
    assertThat(result).isInstanceOf(CommandResult.Rejected.class);
    assertThat(((CommandResult.Rejected) result).error()).isEqualTo(error);
    assertThat(state.image()).isEqualTo(before.edit().at(index));
    return ((CommandResult.Rejected) result).text();
  }

  private int level() {
    return state.image().level(Feature.METADATA_VERSION);
  }

  private static SortedMap<String, LevelRange> upTo(int max) {
    return new TreeMap<>(Map.of(KEY, new LevelRange(1, max)));
  }

  private static RegisterBroker register(
      int id, long expectedEpoch, int start, Map<String, LevelRange> features) {
    return new RegisterBroker(
        id,
        new UUID(start, id),
        new UUID(2, id),
        LastRun.UNKNOWN,
        expectedEpoch,
        Map.of(ListenerName.BROKERS, new Endpoint("localhost", 9_000 + id)),
        "v" + features.size(),
        "",
        features);
  }

  private void start(int id, int maxLevel) {
    BrokerRegistration before = state.image().broker(id);
    accept(register(id, before == null ? -1 : before.epoch(), (int) ++index, upTo(maxLevel)));
  }

  @Test
  void aNewClusterIsAtTheNewestLevelAndOneFromBeforeAtTheLowest() {
    accept(new FormatCluster("new", Feature.newest()));
    assertThat(level()).isEqualTo(NEWEST);

    ClusterState older = new ClusterState(ClusterImage.EMPTY);
    older.apply(1, new FormatCluster("old")).orThrow();
    assertThat(older.image().level(Feature.METADATA_VERSION)).isEqualTo(1);
    assertThat(older.image().levels()).isEmpty();
    // Said again by a member of newer software, to let something be committed.
    older.apply(2, new FormatCluster("old", Feature.newest())).orThrow();
    assertThat(older.image().levels()).isEmpty();
  }

  @Test
  void aLevelComesInForceOnceAllBrokersAreUpAndSpeakIt() {
    accept(new FormatCluster("c"));
    start(1, NEWEST);
    start(2, 1);
    UpdateFeatures upgrade = new UpdateFeatures(Map.of(KEY, NEWEST));
    assertThat(FeatureRules.highest(state.image())).containsEntry(KEY, 1);
    assertThat(refused(upgrade, ErrorCode.FEATURE_UPDATE_FAILED)).contains("broker 2", KEY + " 1");

    start(2, NEWEST);
    accept(new MetadataCommand.FenceBroker(2, state.image().broker(2).epoch()));
    assertThat(refused(upgrade, ErrorCode.FEATURE_UPDATE_FAILED)).contains("broker 2 is not up");

    accept(new UnregisterBroker(2, state.image().broker(2).epoch()));
    assertThat(FeatureRules.problem(state.image(), upgrade.levels())).isEmpty();
    accept(upgrade);
    assertThat(level()).isEqualTo(NEWEST);
    accept(upgrade);
  }

  @Test
  void aLevelNeverGoesBackAndWhatNobodySpeaksIsRefused() {
    accept(new FormatCluster("c", Feature.newest()));
    start(1, NEWEST);
    assertThat(refused(new UpdateFeatures(Map.of(KEY, 1)), ErrorCode.FEATURE_UPDATE_FAILED))
        .contains("cannot go back");
    refused(new UpdateFeatures(Map.of(KEY, NEWEST + 1)), ErrorCode.FEATURE_UPDATE_FAILED);
    refused(new UpdateFeatures(Map.of(KEY, -3)), ErrorCode.FEATURE_UPDATE_FAILED);
    assertThat(refused(new UpdateFeatures(Map.of("x.version", 1)), ErrorCode.FEATURE_UPDATE_FAILED))
        .contains("speaks no x.version");
    refused(new UpdateFeatures(Map.of()), ErrorCode.FEATURE_UPDATE_FAILED);
  }

  @Test
  void aBrokerThatDoesNotSpeakWhatIsInForceIsNotRegistered() {
    accept(new FormatCluster("c", Feature.newest()));
    start(1, NEWEST);
    assertThat(refused(register(2, -1, 1, upTo(1)), ErrorCode.UNSUPPORTED_VERSION))
        .contains("broker 2 speaks 1", "newer software");
    refused(register(2, -1, 1, Map.of()), ErrorCode.UNSUPPORTED_VERSION);
    assertThat(state.image().broker(2)).isNull();
  }

  @Test
  void aCommandAboveTheLevelInForceIsRefusedAndAtItAccepted() {
    accept(new FormatCluster("c"));
    start(1, NEWEST);
    accept(new CreateTopic("t", ClusterFixture.TOPIC_ID, List.of(List.of(1)), Map.of()));
    ReplicasOffline absent =
        new ReplicasOffline(1, state.image().broker(1).epoch(), List.of(ID), true);
    assertThat(ClusterState.refusal(absent, state.image())).isPresent();
    refused(absent, ErrorCode.UNSUPPORTED_VERSION);

    accept(new UpdateFeatures(Map.of(KEY, NEWEST)));
    assertThat(ClusterState.refusal(absent, state.image())).isEmpty();
    accept(absent);
  }

  @Test
  void olderSoftwareStopsWhenALevelComesInForceThatItDoesNotSpeak() {
    OlderCodec older = OlderCodec.ofLevel(1);
    ClusterState member = new ClusterState(ClusterImage.EMPTY, older.supported());
    byte[] format = CommandCodec.encode(new FormatCluster("c", Feature.newest()));
    assertThatThrownBy(() -> member.apply(1, older.decode(format)))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("the cluster is at level " + NEWEST)
        .hasMessageContaining("speaks 1");

    accept(new FormatCluster("c", Feature.newest()));
    assertThatThrownBy(() -> new ClusterState(state.image(), older.supported()))
        .isInstanceOf(HighwaterException.class);
  }

  @Test
  void whatNewerSoftwareAddsIsNotPassedOver() {
    MetadataRecord fence =
        MetadataRecord.newBuilder()
            .setFenceBroker(FenceBrokerRecord.newBuilder().setBrokerId(1).setUnknownFields(NEWER))
            .build();
    assertThat(CommandCodec.decode(fence.toByteArray())).isInstanceOf(Unknown.class);
    MetadataRecord command = MetadataRecord.newBuilder().setUnknownFields(NEWER).build();
    assertThat(CommandCodec.decode(command.toByteArray())).isInstanceOf(Unknown.class);
    assertThatThrownBy(() -> CommandCodec.decode(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);

    accept(new FormatCluster("c"));
    refused(CommandCodec.decode(command.toByteArray()), ErrorCode.UNSUPPORTED_VERSION);

    ClusterSnapshot snapshot =
        ClusterSnapshot.newBuilder()
            .addBrokers(BrokerSnapshot.newBuilder().setUnknownFields(NEWER))
            .build();
    assertThatThrownBy(() -> ImageCodec.read(new ByteArrayInputStream(snapshot.toByteArray())))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("newer software")
        .hasMessageContaining("BrokerSnapshot");
  }

  /** Of each kind: what takes the lowest level must be readable for the software of that level. */
  @ParameterizedTest
  @EnumSource(MetadataCommand.Kind.class)
  void aCommandSaysTheLevelThatItTakes(MetadataCommand.Kind kind) {
    OlderCodec older = OlderCodec.ofLevel(1);
    for (MetadataCommand command : CommandSamples.of(kind)) {
      byte[] bytes = CommandCodec.encode(command);
      assertThat(CommandCodec.decode(bytes)).isEqualTo(command);
      if (command.level() == 1) {
        assertThat(older.decode(bytes)).isEqualTo(command);
      } else {
        assertThat(older.decode(bytes)).isInstanceOf(Unknown.class);
      }
    }
  }

  /** Members of both versions side by side, until the upgrade. */
  @Property(tries = 300)
  void membersOfTwoVersionsHaveEqualImages(
      @ForAll @Size(max = 60) List<@IntRange(max = 1_000) Integer> steps) {
    OlderCodec codec = OlderCodec.ofLevel(1);
    ClusterState newer = new ClusterState(ClusterImage.EMPTY);
    ClusterState older = new ClusterState(ClusterImage.EMPTY, codec.supported());
    long at = 0;
    for (MetadataCommand command : CommandSamples.history(steps)) {
      byte[] bytes = CommandCodec.encode(command);
      at++;
      CommandResult ofNewer = newer.apply(at, CommandCodec.decode(bytes));
      CommandResult ofOlder = older.apply(at, codec.decode(bytes));
      assertThat(ofOlder.getClass()).isEqualTo(ofNewer.getClass());
      assertThat(ImageCodec.sha256(older.image())).isEqualTo(ImageCodec.sha256(newer.image()));
    }
  }
}
