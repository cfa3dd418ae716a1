package io.highwater.replication.control.grpc;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.internal.v1.ControllerChange;
import io.highwater.proto.internal.v1.FollowMetadataRequest;
import io.highwater.proto.internal.v1.FollowMetadataResponse;
import io.highwater.proto.internal.v1.MetadataEntry;
import io.highwater.proto.internal.v1.MetadataFeedServiceGrpc;
import io.highwater.proto.internal.v1.SnapshotChunk;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.CommandCodec;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ImageCodec;
import io.highwater.replication.control.MetadataLog.Controller;
import io.highwater.replication.control.observer.MetadataFeed;
import java.io.IOException;
import java.util.function.Function;

/** Follows {@code MetadataFeedService}, each stream over a connection of its own. */
public final class GrpcMetadataFeed implements MetadataFeed {
  private final String clusterId;
  private final int brokerId;
  private final OwnerLoop loop;
  private final Function<Endpoint, ManagedChannel> channels;

  /**
   * @param clusterId this broker's cluster
   * @param brokerId this broker
   * @param loop the owner loop
   * @param channels makes the channel of one stream, which shuts it down
   */
  public GrpcMetadataFeed(
      String clusterId, int brokerId, OwnerLoop loop, Function<Endpoint, ManagedChannel> channels) {
    this.clusterId = clusterId;
    this.brokerId = brokerId;
    this.loop = loop;
    this.channels = channels;
  }

  @Override
  public Link open(Endpoint controller, long index, Listener listener) {
    ManagedChannel channel = channels.apply(controller);
    FeedEnd end = new FeedEnd(channel, listener);
    MetadataFeedServiceGrpc.newStub(channel)
        .followMetadata(
            FollowMetadataRequest.newBuilder()
                .setClusterId(clusterId)
                .setBrokerId(brokerId)
                .setIndex(index)
                .build(),
            end);
    return end;
  }

  /** On the owner loop but for what gRPC calls. */
  private final class FeedEnd implements Link, StreamObserver<FollowMetadataResponse> {
    private final ManagedChannel channel;
    private final Listener listener;
    private ByteString snapshot = ByteString.EMPTY;
    private boolean closed;

    FeedEnd(ManagedChannel channel, Listener listener) {
      this.channel = channel;
      this.listener = listener;
    }

    @Override
    public void close() {
      closed = true;
      channel.shutdownNow();
    }

    @Override
    public void onNext(FollowMetadataResponse response) {
      loop.execute(
          () -> {
            if (!closed) {
              hear(response);
            }
          });
    }

    private void hear(FollowMetadataResponse response) {
      try {
        switch (response.getEventCase()) {
          case ENTRY -> {
            MetadataEntry entry = response.getEntry();
            listener.onEntry(
                entry.getIndex(), CommandCodec.decode(entry.getCommand().toByteArray()));
          }
          case SNAPSHOT -> collect(response.getSnapshot());
          case CONTROLLER -> {
            ControllerChange change = response.getController();
            listener.onController(new Controller(change.getControllerId(), change.getTerm()));
          }
          case EVENT_NOT_SET -> throw new IllegalArgumentException("an empty event");
        }
      } catch (IllegalArgumentException | HighwaterException | IOException e) {
        close();
        listener.onClosed("it makes no sense: " + e.getMessage());
      }
    }

    private void collect(SnapshotChunk chunk) throws IOException {
      snapshot = snapshot.concat(chunk.getBytes());
      if (chunk.getLast()) {
        ByteString whole = snapshot;
        snapshot = ByteString.EMPTY;
        listener.onSnapshot(ImageCodec.read(whole.newInput()));
      }
    }

    @Override
    public void onError(Throwable failure) {
      ended(StatusText.of(Status.fromThrowable(failure)));
    }

    @Override
    public void onCompleted() {
      ended("closed by the controller");
    }

    private void ended(String reason) {
      loop.execute(
          () -> {
            if (!closed) {
              close();
              listener.onClosed(reason);
            }
          });
    }
  }
}
