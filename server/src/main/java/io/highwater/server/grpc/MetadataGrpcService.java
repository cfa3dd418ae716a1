package io.highwater.server.grpc;

import io.grpc.stub.StreamObserver;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.v1.DescribeClusterRequest;
import io.highwater.proto.v1.DescribeClusterResponse;
import io.highwater.proto.v1.DescribeTopicsRequest;
import io.highwater.proto.v1.DescribeTopicsResponse;
import io.highwater.proto.v1.MetadataServiceGrpc;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ImageCodec;
import io.highwater.replication.control.TopicImage;
import io.highwater.server.metadata.IsrHistory;
import io.highwater.server.partition.TopicCatalog;
import java.util.Collection;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntSupplier;

/** Says what the cluster looks like, as far as this broker knows; creates nothing. */
public final class MetadataGrpcService extends MetadataServiceGrpc.MetadataServiceImplBase {
  private final TopicCatalog catalog;
  private final IsrHistory history;
  private final IntSupplier controllerId;
  private final Function<TopicIdPartition, String> damage;

  /**
   * @param history why in-sync sets changed
   * @param controllerId the active controller, or -1
   * @param damage what is wrong with this broker's replica of a partition; null when nothing is
   */
  public MetadataGrpcService(
      TopicCatalog catalog,
      IsrHistory history,
      IntSupplier controllerId,
      Function<TopicIdPartition, String> damage) {
    this.catalog = catalog;
    this.history = history;
    this.controllerId = controllerId;
    this.damage = damage;
  }

  @Override
  public void describeCluster(
      DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> call) {
    ClusterImage image = catalog.image();
    Replies.send(
        DescribeClusterResponse.newBuilder()
            .setClusterId(image.clusterId())
            .setControllerId(controllerId.getAsInt())
            .addAllBrokers(ClusterMessages.brokers(image))
            .setMetadataOffset(image.index())
            .setMetadataHash(ImageCodec.sha256(image))
            .setUncleanLeaderElections(image.lossCounts().unclean())
            .setLongestLogElections(image.lossCounts().longestLog())
            .setMissingRecordsFound(image.lossCounts().foundMissing())
            .addAllFeatures(ClusterMessages.features(image))
            .build(),
        call);
  }

  @Override
  public void describeTopics(
      DescribeTopicsRequest request, StreamObserver<DescribeTopicsResponse> call) {
    ClusterImage image = catalog.image();
    DescribeTopicsResponse.Builder response =
        DescribeTopicsResponse.newBuilder()
            .setClusterId(image.clusterId())
            .addAllBrokers(ClusterMessages.brokers(image))
            .setMetadataOffset(image.index());
    for (String name : wanted(request, image)) {
      TopicImage topic = image.topic(name);
      if (topic == null) {
        response.addUnknownTopics(name);
      } else {
        response.addTopics(ClusterMessages.topic(image, topic, history, damage));
      }
    }
    Replies.send(response.build(), call);
  }

  private static Collection<String> wanted(DescribeTopicsRequest request, ClusterImage image) {
    return request.getTopicsCount() > 0
        ? new TreeSet<>(request.getTopicsList())
        : image.topics().stream().map(TopicImage::name).toList();
  }
}
