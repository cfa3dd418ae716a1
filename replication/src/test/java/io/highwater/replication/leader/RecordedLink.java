package io.highwater.replication.leader;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.transport.FollowerLink;
import io.highwater.replication.transport.HashQuestion;
import io.highwater.replication.transport.PushFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Remembers what a leader sent; gives buffers back only when told to. */
final class RecordedLink implements FollowerLink {
  /** A frame in short: the partition, where its records begin, how many bytes they have. */
  record Pushed(int partition, long previousEndOffset, int bytes, long highWatermark) {}

  final List<Pushed> pushes = new ArrayList<>();
  final List<String> said = new ArrayList<>();
  final List<HashQuestion> asked = new ArrayList<>();
  private long lastRound;
  private int pushCount;
  private final List<Runnable> releases = new ArrayList<>();

  @Override
  public void accept(long brokerEpoch) {
    said.add("accepted");
  }

  @Override
  public void push(PushFrame frame, Consumer<ByteBuffer> release) {
    lastRound = frame.recencyRound();
    pushCount++;
    pushes.add(
        new Pushed(
            frame.partition().partition(),
            frame.previousEndOffset(),
            frame.records().remaining(),
            frame.highWatermark()));
    releases.add(() -> release.accept(frame.records()));
  }

  /** The round that the newest frame asked for. */
  long lastRound() {
    return lastRound;
  }

  /** Frames so far. */
  int pushCount() {
    return pushCount;
  }

  void drained() {
    releases.forEach(Runnable::run);
    releases.clear();
  }

  /** Frames with records since the last call. */
  List<Pushed> takeRecords() {
    List<Pushed> records = pushes.stream().filter(pushed -> pushed.bytes() > 0).toList();
    pushes.clear();
    return records;
  }

  @Override
  public void diverged(TopicIdPartition partition, int leaderEpoch, int epoch, long endOffset) {
    said.add("diverged " + epoch + " " + endOffset);
  }

  @Override
  public void reset(
      TopicIdPartition partition, int leaderEpoch, long logStartOffset, long tombstoneHorizon) {
    said.add("reset " + logStartOffset);
  }

  @Override
  public void differs(TopicIdPartition partition, int leaderEpoch, long endOffset, String text) {
    said.add("differs below " + endOffset);
  }

  @Override
  public void askHash(HashQuestion question) {
    asked.add(question);
  }

  @Override
  public void refuse(TopicIdPartition partition, int leaderEpoch, ErrorCode error) {
    said.add("refused " + error);
  }

  @Override
  public void close(ErrorCode error, String text) {
    said.add("closed " + error);
  }
}
