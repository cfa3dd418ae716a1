package io.highwater.client.grpc;

import com.google.protobuf.ByteString;
import io.highwater.client.BrokerAddress;
import io.highwater.client.BrokerDescription;
import io.highwater.client.ClusterDescription;
import io.highwater.client.ControllerDescription;
import io.highwater.client.Credit;
import io.highwater.client.DeletedRecords;
import io.highwater.client.FeatureDescription;
import io.highwater.client.FetchStream;
import io.highwater.client.IsrChange;
import io.highwater.client.LeaderAnswer;
import io.highwater.client.LeaderHint;
import io.highwater.client.LogStatus;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetQuery;
import io.highwater.client.OffsetSpec;
import io.highwater.client.PartitionDescription;
import io.highwater.client.ProduceStream;
import io.highwater.client.RecordDeletion;
import io.highwater.client.RecordLoss;
import io.highwater.client.SupportedLevels;
import io.highwater.client.TopicDescription;
import io.highwater.client.TopicListing;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.v1.BrokerInfo;
import io.highwater.proto.v1.DeleteRecordsRequest;
import io.highwater.proto.v1.DeleteRecordsResponse;
import io.highwater.proto.v1.DescribeClusterResponse;
import io.highwater.proto.v1.DescribeTopicsResponse;
import io.highwater.proto.v1.FeatureInfo;
import io.highwater.proto.v1.FetchStreamResponse;
import io.highwater.proto.v1.ListOffsetsResponse;
import io.highwater.proto.v1.LostRecords;
import io.highwater.proto.v1.PartitionInfo;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceHello;
import io.highwater.proto.v1.QuorumVoterInfo;
import io.highwater.proto.v1.RecordLossCause;
import io.highwater.proto.v1.TopicInfo;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** Generated messages to the client's values and back. */
final class WireValues {
  private WireValues() {}

  static ByteString topicId(UUID topicId) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES);
    bytes.putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits());
    return ByteString.copyFrom(bytes.flip());
  }

  static UUID topicId(ByteString bytes) {
    if (bytes.size() != 2 * Long.BYTES) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST, "a topic id of " + bytes.size() + " bytes came");
    }
    ByteBuffer id = bytes.asReadOnlyByteBuffer();
    return new UUID(id.getLong(), id.getLong());
  }

  static List<ControllerDescription> controllers(List<QuorumVoterInfo> voters) {
    return voters.stream()
        .map(
            voter ->
                new ControllerDescription(
                    voter.getNodeId(),
                    new BrokerAddress(voter.getHost(), voter.getPort()),
                    voter.getLive()))
        .toList();
  }

  static ClusterDescription cluster(DescribeClusterResponse response) {
    return new ClusterDescription(
        response.getClusterId(),
        response.getControllerId(),
        brokers(response.getBrokersList()),
        response.getMetadataOffset(),
        response.getMetadataHash(),
        response.getUncleanLeaderElections(),
        response.getLongestLogElections(),
        response.getMissingRecordsFound(),
        response.getFeaturesList().stream().map(WireValues::feature).toList());
  }

  private static FeatureDescription feature(FeatureInfo info) {
    return new FeatureDescription(
        info.getName(),
        info.getLevel(),
        new SupportedLevels(info.getMinSupportedLevel(), info.getMaxSupportedLevel()));
  }

  private static SortedMap<String, SupportedLevels> features(BrokerInfo info) {
    SortedMap<String, SupportedLevels> features = new TreeMap<>();
    info.getFeaturesList()
        .forEach(
            spoken ->
                features.put(
                    spoken.getFeature(),
                    new SupportedLevels(spoken.getMinLevel(), spoken.getMaxLevel())));
    return features;
  }

  static TopicListing listing(DescribeTopicsResponse response) {
    return new TopicListing(
        response.getTopicsList().stream().map(WireValues::topic).toList(),
        response.getUnknownTopicsList(),
        brokers(response.getBrokersList()),
        response.getMetadataOffset(),
        response.getClusterId());
  }

  static TopicDescription topic(TopicInfo info) {
    return new TopicDescription(
        info.getName(),
        topicId(info.getTopicId()),
        info.getPartitionsList().stream()
            .map(WireValues::partition)
            .sorted(Comparator.comparingInt(PartitionDescription::partition))
            .toList(),
        info.getConfigsMap(),
        info.getIsrChangesList().stream()
            .map(
                change ->
                    new IsrChange(
                        change.getPartition(),
                        change.getLeftList(),
                        change.getJoinedList(),
                        change.getReason(),
                        change.getTimeMs()))
            .toList(),
        info.getLossesList().stream()
            .map(
                loss ->
                    new RecordLoss(
                        loss.getPartition(),
                        loss.getLeaderEpoch(),
                        loss.getFromOffset(),
                        loss.getEndOffset(),
                        cause(loss.getCause()),
                        loss.getText(),
                        loss.getAcknowledged()))
            .toList());
  }

  private static RecordLoss.Cause cause(RecordLossCause cause) {
    return switch (cause) {
      case RECORD_LOSS_CAUSE_ALL_UNCLEAN -> RecordLoss.Cause.ALL_UNCLEAN;
      case RECORD_LOSS_CAUSE_FOUND_MISSING -> RecordLoss.Cause.FOUND_MISSING;
      case RECORD_LOSS_CAUSE_ALL_KILLED -> RecordLoss.Cause.ALL_KILLED;
      default -> RecordLoss.Cause.UNCLEAN_ELECTION;
    };
  }

  private static PartitionDescription partition(PartitionInfo info) {
    return new PartitionDescription(
        info.getPartition(),
        info.getLeaderId(),
        info.getLeaderEpoch(),
        info.getReplicasList(),
        info.getInSyncReplicasList(),
        info.getPartitionEpoch(),
        info.getEligibleLeaderReplicasList(),
        info.getAddingReplicasList(),
        info.getRemovingReplicasList(),
        info.getLeaderlessReason(),
        info.getFullReplicasList());
  }

  private static List<BrokerDescription> brokers(List<BrokerInfo> infos) {
    return infos.stream()
        .filter(info -> BrokerAddress.isValid(info.getHost(), info.getPort()))
        .map(
            info ->
                new BrokerDescription(
                    info.getNodeId(),
                    new BrokerAddress(info.getHost(), info.getPort()),
                    info.getBrokerEpoch(),
                    info.getFenced(),
                    info.getVersion(),
                    info.getRack(),
                    info.getDraining(),
                    features(info)))
        .toList();
  }

  /** A hint, or null when it is none that can be followed. */
  static LeaderHint hint(boolean present, io.highwater.proto.v1.LeaderHint hint) {
    return present && BrokerAddress.isValid(hint.getHost(), hint.getPort())
        ? new LeaderHint(
            hint.getNodeId(),
            new BrokerAddress(hint.getHost(), hint.getPort()),
            hint.getLeaderEpoch())
        : null;
  }

  private static LogStatus status(io.highwater.proto.v1.LogStatus status) {
    return new LogStatus(
        status.getLeaderEpoch(),
        status.getLogStartOffset(),
        status.getHighWatermark(),
        status.getLastStableOffset());
  }

  static Credit credit(io.highwater.proto.v1.Credit credit) {
    return new Credit(credit.getBytes(), credit.getRecords());
  }

  static ProduceStream.Hello hello(ProduceHello hello) {
    return new ProduceStream.Hello(
        hello.getNodeId(), hello.getMaxBatchBytes(), credit(hello.getCredit()));
  }

  static ProduceStream.Ack ack(ProduceAck ack) {
    ErrorCode error = ErrorCode.of(ack.getErrorValue());
    return new ProduceStream.Ack(
        ack.getCorrelationId(),
        error,
        Outcome.of(ack.getOutcomeValue(), error),
        ack.getErrorMessage(),
        ack.getBaseOffset(),
        ack.getStatus().getLeaderEpoch(),
        ack.getReplicas(),
        ack.getFsynced(),
        ack.getDuplicate(),
        hint(ack.hasLeader(), ack.getLeader()),
        ack.getThrottleMs());
  }

  /** A frame, or null when its kind is none that is known here. */
  static FetchStream.Frame frame(FetchStreamResponse frame, ByteBuffer records) {
    FetchStream.Kind kind =
        switch (frame.getKind()) {
          case FETCH_FRAME_KIND_BATCH -> FetchStream.Kind.BATCH;
          case FETCH_FRAME_KIND_WATERMARK -> FetchStream.Kind.WATERMARK;
          case FETCH_FRAME_KIND_CAUGHT_UP -> FetchStream.Kind.CAUGHT_UP;
          case FETCH_FRAME_KIND_GAP -> FetchStream.Kind.GAP;
          case FETCH_FRAME_KIND_ERROR -> FetchStream.Kind.ERROR;
          case FETCH_FRAME_KIND_CREDIT_NEEDED, FETCH_FRAME_KIND_UNSPECIFIED, UNRECOGNIZED -> null;
        };
    return kind == null
        ? null
        : new FetchStream.Frame(
            kind,
            topicId(frame.getTopicId()),
            frame.getPartition(),
            ErrorCode.of(frame.getErrorValue()),
            frame.getErrorMessage(),
            status(frame.getStatus()),
            hint(frame.hasLeader(), frame.getLeader()),
            frame.getGapFrom(),
            frame.hasLost() ? lost(frame.getLost()) : null,
            records);
  }

  private static FetchStream.Lost lost(LostRecords lost) {
    return new FetchStream.Lost(lost.getFromOffset(), lost.getCertain(), lost.getText());
  }

  static io.highwater.proto.v1.OffsetQuery query(OffsetQuery query) {
    return io.highwater.proto.v1.OffsetQuery.newBuilder()
        .setTopic(query.partition().topic())
        .setPartition(query.partition().partition())
        .setCurrentLeaderEpoch(query.leaderEpoch())
        .setSpec(spec(query.spec().kind()))
        .setTimestamp(query.spec().timestamp())
        .build();
  }

  private static io.highwater.proto.v1.OffsetSpec spec(OffsetSpec.Kind kind) {
    return switch (kind) {
      case EARLIEST -> io.highwater.proto.v1.OffsetSpec.OFFSET_SPEC_EARLIEST;
      case LATEST -> io.highwater.proto.v1.OffsetSpec.OFFSET_SPEC_LATEST;
      case LOG_END -> io.highwater.proto.v1.OffsetSpec.OFFSET_SPEC_LOG_END;
      case TIMESTAMP -> io.highwater.proto.v1.OffsetSpec.OFFSET_SPEC_TIMESTAMP;
    };
  }

  static List<LeaderAnswer<OffsetListing>> answers(ListOffsetsResponse response, int asked) {
    if (response.getAnswersCount() != asked) {
      throw new HighwaterException(
          ErrorCode.UNKNOWN_SERVER_ERROR,
          response.getAnswersCount() + " answers came to " + asked + " questions for offsets");
    }
    return response.getAnswersList().stream().map(WireValues::answer).toList();
  }

  private static LeaderAnswer<OffsetListing> answer(io.highwater.proto.v1.OffsetAnswer answer) {
    ErrorCode error = ErrorCode.of(answer.getErrorValue());
    LogStatus status = status(answer.getStatus());
    OffsetListing listing =
        error != ErrorCode.NONE
            ? null
            : new OffsetListing(
                answer.getOffset(),
                answer.getTimestamp(),
                status.leaderEpoch(),
                status.logStartOffset(),
                status.highWatermark());
    return new LeaderAnswer<>(
        error, answer.getErrorMessage(), listing, hint(answer.hasLeader(), answer.getLeader()));
  }

  static DeleteRecordsRequest deletion(RecordDeletion deletion) {
    return DeleteRecordsRequest.newBuilder()
        .setTopic(deletion.partition().topic())
        .setPartition(deletion.partition().partition())
        .setCurrentLeaderEpoch(deletion.leaderEpoch())
        .setBeforeOffset(deletion.beforeOffset())
        .setDryRun(deletion.dryRun())
        .build();
  }

  static LeaderAnswer<DeletedRecords> deleted(DeleteRecordsResponse response) {
    ErrorCode error = ErrorCode.of(response.getErrorValue());
    DeletedRecords deleted =
        error != ErrorCode.NONE
            ? null
            : new DeletedRecords(
                response.getPreviousLogStartOffset(),
                response.getLogStartOffset(),
                response.getSegments(),
                response.getBytes());
    return new LeaderAnswer<>(
        error,
        Outcome.of(response.getOutcomeValue(), error),
        response.getErrorMessage(),
        deleted,
        hint(response.hasLeader(), response.getLeader()));
  }
}
