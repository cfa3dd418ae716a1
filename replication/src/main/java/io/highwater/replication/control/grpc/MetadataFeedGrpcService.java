package io.highwater.replication.control.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.internal.v1.FollowMetadataRequest;
import io.highwater.proto.internal.v1.FollowMetadataResponse;
import io.highwater.proto.internal.v1.MetadataFeedServiceGrpc.MetadataFeedServiceImplBase;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.MetadataHistory;
import io.highwater.replication.control.MetadataLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** {@code MetadataFeedService}: streams the metadata log to brokers outside the quorum. */
public final class MetadataFeedGrpcService extends MetadataFeedServiceImplBase {
  private final OwnerLoop loop;
  private final MetadataHistory history;
  private final MetadataLog log;
  private final BooleanSupplier isMember;
  private final Set<FeedSender> senders = new HashSet<>();
  private final AtomicBoolean pumping = new AtomicBoolean();

  /**
   * @param loop the owner loop; best the event loop that serves the connections
   * @param history what to send
   * @param log of this broker; a change of its controller ends streams when it is no member
   * @param isMember whether this broker is in the quorum, so that its history goes on
   */
  public MetadataFeedGrpcService(
      OwnerLoop loop, MetadataHistory history, MetadataLog log, BooleanSupplier isMember) {
    this.loop = loop;
    this.history = history;
    this.log = log;
    this.isMember = isMember;
    history.onChange(this::pumpLater);
    log.onControllerChange(controller -> pumpLater());
  }

  /** Changes that come together are sent together. */
  private void pumpLater() {
    if (pumping.compareAndSet(false, true)) {
      loop.execute(
          () -> {
            pumping.set(false);
            List<FeedSender> all = new ArrayList<>(senders);
            if (isMember.getAsBoolean()) {
              all.forEach(FeedSender::pump);
            } else {
              all.forEach(sender -> sender.fail(noMember()));
              senders.clear();
            }
          });
    }
  }

  private static HighwaterException noMember() {
    return new HighwaterException(
        ErrorCode.NOT_CONTROLLER, "this broker is no member of the quorum");
  }

  @Override
  public void followMetadata(
      FollowMetadataRequest request, StreamObserver<FollowMetadataResponse> responses) {
    ServerCallStreamObserver<FollowMetadataResponse> call =
        (ServerCallStreamObserver<FollowMetadataResponse>) responses;
    FeedSender sender = new FeedSender(call, history, log::controller, request.getIndex());
    call.setOnReadyHandler(() -> loop.execute(sender::pump));
    call.setOnCancelHandler(
        () ->
            loop.execute(
                () -> {
                  sender.end();
                  senders.remove(sender);
                }));
    loop.execute(() -> begin(request, call, sender));
  }

  private void begin(
      FollowMetadataRequest request,
      ServerCallStreamObserver<FollowMetadataResponse> call,
      FeedSender sender) {
    ClusterImage image = history.image();
    if (!image.clusterId().isEmpty() && !request.getClusterId().equals(image.clusterId())) {
      sender.end();
      call.onError(
          StatusMapper.toException(
              new HighwaterException(
                  ErrorCode.INCONSISTENT_CLUSTER_ID,
                  "this is cluster " + image.clusterId() + ", not " + request.getClusterId())));
    } else if (!isMember.getAsBoolean()) {
      sender.fail(noMember());
    } else if (!call.isCancelled()) {
      senders.add(sender);
      sender.pump();
    }
  }
}
