package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.internal.v1.BrokerSnapshot;
import io.highwater.proto.internal.v1.ClusterSnapshot;
import io.highwater.proto.internal.v1.CommittedEndSnapshot;
import io.highwater.proto.internal.v1.DeletedTopicSnapshot;
import io.highwater.proto.internal.v1.PartitionSnapshot;
import io.highwater.proto.internal.v1.RecordLossSnapshot;
import io.highwater.proto.internal.v1.ReportedEndSnapshot;
import io.highwater.proto.internal.v1.TopicSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whole images as snapshots. Equal images have equal bytes. */
public final class ImageCodec {
  private ImageCodec() {}

  /** Writes the image. */
  public static void write(ClusterImage image, OutputStream out) throws IOException {
    ClusterSnapshot.Builder snapshot =
        ClusterSnapshot.newBuilder()
            .setIndex(image.index())
            .setClusterId(image.clusterId())
            .setNextProducerId(image.nextProducerId())
            .setUncleanElections(image.lossCounts().unclean())
            .setLongestLogElections(image.lossCounts().longestLog())
            .setMissingFound(image.lossCounts().foundMissing())
            .addAllLevels(FeatureCodec.levels(image.levels()));
    image.brokers().forEach(broker -> snapshot.addBrokers(broker(broker)));
    image.topics().forEach(topic -> snapshot.addTopics(topic(topic)));
    for (DeletedTopic deleted : image.deletedTopics()) {
      snapshot.addDeletedTopics(
          DeletedTopicSnapshot.newBuilder()
              .setTopicId(UuidBytes.of(deleted.id()))
              .setName(deleted.name())
              .addAllUnconfirmed(deleted.unconfirmed()));
    }
    snapshot.build().writeTo(out);
  }

  /** SHA-256 of the image as {@link #write} writes it, in hex: equal where images are (CTL-1). */
  public static String sha256(ClusterImage image) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      write(image, new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException | IOException e) {
      throw new IllegalStateException("every JVM has SHA-256, and nowhere is always writable", e);
    }
  }

  /**
   * Reads an image up to the end of the stream.
   *
   * @throws IOException when it cannot be read or is not an image
   * @throws HighwaterException UNSUPPORTED_VERSION when it is one of newer software
   */
  public static ClusterImage read(InputStream in) throws IOException {
    ClusterSnapshot snapshot = ClusterSnapshot.parseFrom(in);
    Optional<String> unknown = UnknownFields.in(snapshot);
    if (unknown.isPresent()) {
      throw new HighwaterException(
          ErrorCode.UNSUPPORTED_VERSION, "a cluster image of newer software: " + unknown.get());
    }
    ClusterImage.Editor edit = ClusterImage.EMPTY.edit();
    try {
      edit.setClusterId(snapshot.getClusterId());
      edit.setNextProducerId(snapshot.getNextProducerId());
      edit.setLossCounts(
          new LossCounts(
              snapshot.getUncleanElections(),
              snapshot.getLongestLogElections(),
              snapshot.getMissingFound()));
      FeatureCodec.levels(snapshot.getLevelsList()).forEach(edit::setLevel);
      snapshot.getBrokersList().forEach(broker -> edit.put(broker(broker)));
      snapshot.getTopicsList().forEach(topic -> edit.put(topic(topic)));
      for (DeletedTopicSnapshot deleted : snapshot.getDeletedTopicsList()) {
        edit.put(
            new DeletedTopic(
                UuidBytes.uuid(deleted.getTopicId()),
                deleted.getName(),
                deleted.getUnconfirmedList()));
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("not a cluster image", e);
    }
    return edit.restoredAt(snapshot.getIndex());
  }

  private static BrokerSnapshot broker(BrokerRegistration broker) {
    return BrokerSnapshot.newBuilder()
        .setBrokerId(broker.id())
        .setBrokerEpoch(broker.epoch())
        .setIncarnation(UuidBytes.of(broker.incarnation()))
        .setDirectoryId(UuidBytes.of(broker.directoryId()))
        .addAllEndpoints(CommandCodec.endpoints(broker.endpoints()))
        .setFenced(broker.fenced())
        .setStopping(broker.stopping())
        .setVersion(broker.version())
        .setRack(broker.rack())
        .setDraining(broker.draining())
        .addAllOffline(AdminCommandCodec.keys(AdminCommandCodec.inOrder(broker.offline())))
        .setSignOfLife(broker.life().index())
        .addAllUnheardControllers(broker.life().unheardControllers())
        .addAllFeatures(FeatureCodec.ranges(broker.features()))
        .build();
  }

  private static BrokerRegistration broker(BrokerSnapshot in) {
    return new BrokerRegistration(
        in.getBrokerId(),
        in.getBrokerEpoch(),
        UuidBytes.uuid(in.getIncarnation()),
        UuidBytes.uuid(in.getDirectoryId()),
        CommandCodec.endpoints(in.getEndpointsList()),
        in.getFenced(),
        in.getStopping(),
        in.getVersion(),
        in.getRack(),
        in.getDraining(),
        Set.copyOf(AdminCommandCodec.partitions(in.getOfflineList())),
        new BrokerLife(in.getSignOfLife(), in.getUnheardControllersList()),
        FeatureCodec.ranges(in.getFeaturesList()));
  }

  private static TopicSnapshot topic(TopicImage topic) {
    TopicSnapshot.Builder out =
        TopicSnapshot.newBuilder()
            .setName(topic.name())
            .setTopicId(UuidBytes.of(topic.id()))
            .addAllConfigs(CommandCodec.configs(topic.configs()));
    topic.partitions().forEach(partition -> out.addPartitions(partition(partition)));
    return out.build();
  }

  private static TopicImage topic(TopicSnapshot in) {
    List<PartitionImage> partitions = new ArrayList<>();
    for (PartitionSnapshot partition : in.getPartitionsList()) {
      partitions.add(partition(partitions.size(), partition));
    }
    return new TopicImage(
        in.getName(),
        UuidBytes.uuid(in.getTopicId()),
        CommandCodec.configs(in.getConfigsList()),
        partitions);
  }

  private static PartitionSnapshot partition(PartitionImage partition) {
    PartitionSnapshot.Builder out =
        PartitionSnapshot.newBuilder()
            .addAllReplicas(partition.replicas())
            .addAllIsr(partition.isr())
            .addAllElr(partition.elr())
            .addAllUncleanCandidates(partition.uncleanCandidates())
            .addAllLastEligible(partition.lastEligible())
            .addAllKilled(partition.killed())
            .addAllSilent(partition.leftOut().silent())
            .addAllFull(partition.leftOut().full())
            .setLeaderId(partition.leader())
            .setLeaderEpoch(partition.leaderEpoch())
            .setPartitionEpoch(partition.partitionEpoch())
            .addAllAdding(partition.moves().adding())
            .addAllRemoving(partition.moves().removing())
            .addAllLeft(partition.moves().left());
    for (ReportedEnd end : partition.reportedEnds()) {
      ReportedEndSnapshot.Builder reported =
          ReportedEndSnapshot.newBuilder()
              .setBrokerId(end.brokerId())
              .setLastEpoch(end.lastEpoch())
              .setLogEndOffset(end.logEndOffset());
      if (end.highWatermark() != ReportedEnd.UNKNOWN) {
        reported.setHighWatermark(end.highWatermark());
      }
      out.addReportedEnds(reported);
    }
    if (!partition.knownCommitted().equals(CommittedEnd.UNKNOWN)) {
      out.setKnownCommitted(
          CommittedEndSnapshot.newBuilder()
              .setLastEpoch(partition.knownCommitted().lastEpoch())
              .setEndOffset(partition.knownCommitted().endOffset()));
    }
    for (RecordLoss loss : partition.losses()) {
      out.addLosses(
          RecordLossSnapshot.newBuilder()
              .setLeaderEpoch(loss.leaderEpoch())
              .setFromOffset(loss.fromOffset())
              .setEndOffset(loss.endOffset())
              .setCause(LossCauses.record(loss.cause()))
              .setAcknowledged(loss.acknowledged()));
    }
    return out.build();
  }

  private static PartitionImage partition(int number, PartitionSnapshot in) {
    return new PartitionImage(
        number,
        in.getReplicasList(),
        in.getIsrList(),
        in.getElrList(),
        in.getUncleanCandidatesList(),
        in.getLastEligibleList(),
        in.getKilledList(),
        new LeftOut(in.getSilentList(), in.getFullList()),
        in.getReportedEndsList().stream()
            .map(
                end ->
                    new ReportedEnd(
                        end.getBrokerId(),
                        end.getLastEpoch(),
                        end.getLogEndOffset(),
                        end.hasHighWatermark() ? end.getHighWatermark() : ReportedEnd.UNKNOWN))
            .toList(),
        in.hasKnownCommitted()
            ? new CommittedEnd(
                in.getKnownCommitted().getLastEpoch(), in.getKnownCommitted().getEndOffset())
            : CommittedEnd.UNKNOWN,
        in.getLeaderId(),
        in.getLeaderEpoch(),
        in.getPartitionEpoch(),
        new ReplicaMoves(in.getAddingList(), in.getRemovingList(), in.getLeftList()),
        in.getLossesList().stream()
            .map(
                loss ->
                    new RecordLoss(
                        loss.getLeaderEpoch(),
                        loss.getFromOffset(),
                        loss.getEndOffset(),
                        LossCauses.cause(loss.getCause()),
                        loss.getAcknowledged()))
            .toList());
  }
}
