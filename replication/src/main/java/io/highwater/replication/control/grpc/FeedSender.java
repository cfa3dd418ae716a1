package io.highwater.replication.control.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.stub.CallStreamObserver;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.internal.v1.ControllerChange;
import io.highwater.proto.internal.v1.FollowMetadataResponse;
import io.highwater.proto.internal.v1.MetadataEntry;
import io.highwater.proto.internal.v1.SnapshotChunk;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ImageCodec;
import io.highwater.replication.control.MetadataHistory;
import io.highwater.replication.control.MetadataHistory.Entry;
import io.highwater.replication.control.MetadataLog.Controller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One follower's place in the metadata log. Sends as long as the follower reads, so nothing piles
 * up: who falls behind the history gets a snapshot. On the owner loop.
 */
final class FeedSender {
  private static final int ENTRIES_AT_ONCE = 64;
  private static final int CHUNK_BYTES = 256 << 10;

  private final CallStreamObserver<FollowMetadataResponse> call;
  private final MetadataHistory history;
  private final Supplier<Controller> controllers;

  /** What the follower has once all that was sent has come. */
  private long index;

  private Controller told;
  private ByteString snapshot = ByteString.EMPTY;
  private boolean ended;

  FeedSender(
      CallStreamObserver<FollowMetadataResponse> call,
      MetadataHistory history,
      Supplier<Controller> controllers,
      long index) {
    this.call = call;
    this.history = history;
    this.controllers = controllers;
    this.index = index;
  }

  /** Sends what there is, as far as the follower takes it. */
  void pump() {
    while (!ended && call.isReady()) {
      Controller controller = controllers.get();
      if (!controller.equals(told)) {
        told = controller;
        call.onNext(
            FollowMetadataResponse.newBuilder()
                .setController(
                    ControllerChange.newBuilder()
                        .setControllerId(controller.id())
                        .setTerm(controller.term()))
                .build());
      } else if (!snapshot.isEmpty()) {
        sendChunk();
      } else if (!sendEntries()) {
        return;
      }
    }
  }

  /** Ends the stream. */
  void fail(HighwaterException failure) {
    if (!ended) {
      ended = true;
      call.onError(StatusMapper.toException(failure));
    }
  }

  /** Nothing may be sent any more. */
  void end() {
    ended = true;
  }

  /** Whether there was anything to send. */
  private boolean sendEntries() {
    Optional<List<Entry>> next = history.after(index, ENTRIES_AT_ONCE);
    if (next.isEmpty()) {
      ClusterImage image = history.image();
      snapshot = encoded(image);
      index = image.index();
      return true;
    }
    for (Entry entry : next.get()) {
      call.onNext(
          FollowMetadataResponse.newBuilder()
              .setEntry(
                  MetadataEntry.newBuilder()
                      .setIndex(entry.index())
                      .setCommand(UnsafeByteOperations.unsafeWrap(entry.command())))
              .build());
      index = entry.index();
    }
    return !next.get().isEmpty();
  }

  private void sendChunk() {
    int length = Math.min(CHUNK_BYTES, snapshot.size());
    ByteString chunk = snapshot.substring(0, length);
    snapshot = snapshot.substring(length);
    call.onNext(
        FollowMetadataResponse.newBuilder()
            .setSnapshot(SnapshotChunk.newBuilder().setBytes(chunk).setLast(snapshot.isEmpty()))
            .build());
  }

  private static ByteString encoded(ClusterImage image) {
    ByteString.Output out = ByteString.newOutput();
    try {
      ImageCodec.write(image, out);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written", e);
    }
    return out.toByteString();
  }
}
