package io.highwater.client.fake;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.v1.FetchFrameKind;
import io.highwater.proto.v1.FetchPosition;
import io.highwater.proto.v1.FetchStreamRequest;
import io.highwater.proto.v1.FetchStreamResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** One fetch stream of a fake broker. */
final class FakeFetchCall implements StreamObserver<FetchStreamRequest> {
  private final FakeCluster cluster;
  private final int node;
  private final StreamObserver<RecordsFrame<FetchStreamResponse>> out;
  private final Consumer<FakeFetchCall> onEnd;
  private final Map<Key, Reader> readers = new LinkedHashMap<>();
  private long creditBytes;
  private long sentBytes;
  private boolean over;

  private record Key(ByteString topicId, int partition) {}

  private static final class Reader {
    private long next;
    private boolean caughtUp;
  }

  FakeFetchCall(
      FakeCluster cluster,
      int node,
      StreamObserver<RecordsFrame<FetchStreamResponse>> out,
      Consumer<FakeFetchCall> onEnd) {
    this.cluster = cluster;
    this.node = node;
    this.out = out;
    this.onEnd = onEnd;
  }

  @Override
  public void onNext(FetchStreamRequest request) {
    synchronized (cluster) {
      switch (request.getFrameCase()) {
        case POSITION -> {
          FetchPosition position = request.getPosition();
          Reader reader = new Reader();
          reader.next = position.getFetchOffset();
          readers.put(new Key(position.getTopicId(), position.getPartition()), reader);
        }
        case STOP ->
            readers.remove(
                new Key(request.getStop().getTopicId(), request.getStop().getPartition()));
        case CREDIT -> creditBytes = request.getCredit().getBytes();
        case FRAME_NOT_SET -> throw new AssertionError("empty frame");
      }
      pump();
    }
  }

  void pump() {
    boolean progress = !over && cluster.hanging != node;
    while (progress) {
      progress = false;
      for (Key key : new ArrayList<>(readers.keySet())) {
        progress |= pump(key, readers.get(key));
      }
    }
  }

  private boolean pump(Key key, Reader reader) {
    FakePartition log = cluster.find(key.topicId(), "", key.partition());
    FetchStreamResponse.Builder frame =
        FetchStreamResponse.newBuilder().setTopicId(key.topicId()).setPartition(key.partition());
    if (log == null || log.leader != node || reader.next > log.end) {
      ErrorCode error =
          log == null
              ? ErrorCode.UNKNOWN_TOPIC_ID
              : log.leader == node
                  ? ErrorCode.OFFSET_OUT_OF_RANGE
                  : ErrorCode.NOT_LEADER_OR_FOLLOWER;
      frame.setKind(FetchFrameKind.FETCH_FRAME_KIND_ERROR).setErrorValue(error.wire());
      if (log != null) {
        frame.setLeader(cluster.hint(log));
      }
      readers.remove(key);
      out.onNext(RecordsFrame.of(frame.build()));
      return false;
    }
    frame.setStatus(FakeCluster.status(log));
    if (reader.next < log.logStart) {
      frame.setKind(FetchFrameKind.FETCH_FRAME_KIND_GAP).setGapFrom(reader.next);
      out.onNext(RecordsFrame.of(frame.build()));
      reader.next = log.logStart;
      return true;
    }
    ByteBuffer batch = log.batchAt(reader.next);
    if (batch == null) {
      if (!reader.caughtUp) {
        reader.caughtUp = true;
        frame.setKind(FetchFrameKind.FETCH_FRAME_KIND_CAUGHT_UP);
        out.onNext(RecordsFrame.of(frame.build()));
      }
      return false;
    }
    if (sentBytes >= creditBytes) {
      return false;
    }
    sentBytes += batch.remaining();
    reader.next = FakePartition.nextOffset(batch);
    reader.caughtUp = false;
    frame.setKind(FetchFrameKind.FETCH_FRAME_KIND_BATCH);
    out.onNext(RecordsFrame.of(frame.build(), batch, () -> {}));
    return true;
  }

  void drop() {
    if (!over) {
      over = true;
      onEnd.accept(this);
      out.onError(Status.UNAVAILABLE.withDescription("dropped by the test").asException());
    }
  }

  @Override
  public void onError(Throwable thrown) {
    onCompleted();
  }

  @Override
  public void onCompleted() {
    synchronized (cluster) {
      over = true;
      onEnd.accept(this);
    }
  }
}
