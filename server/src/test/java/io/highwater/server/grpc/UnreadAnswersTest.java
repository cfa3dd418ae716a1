package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.v1.FetchPosition;
import io.highwater.proto.v1.FetchStreamRequest;
import io.highwater.proto.v1.FetchStreamResponse;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.highwater.replication.ManualLoop;
import io.highwater.server.fetch.FetchSession;
import io.highwater.server.fetch.ReaderMemory;
import io.highwater.server.produce.BatchGate;
import io.highwater.server.produce.OrderedAppends;
import io.highwater.server.produce.ProduceWindow;
import org.junit.jupiter.api.Test;

/** INP-1: a stream whose answers are not read is not read from, either, and goes on afterwards. */
class UnreadAnswersTest {
  private static final int MESSAGES = 1_000;
  private static final int READY_FOR = 64;

  private final ManualLoop loop = new ManualLoop();

  @Test
  void aProduceStreamStopsReadingWhileItsAnswersAreNotRead() {
    SlowClient<ProduceStreamResponse> client = new SlowClient<>(READY_FOR);
    BatchGate gate = new BatchGate(loop, Runnable::run, 1 << 20);
    ProduceStream stream =
        new ProduceStream(
            null, new OrderedAppends(null, gate, "client"), new ProduceWindow(1 << 20), client);
    client.readAll();
    Runnable refused =
        new Runnable() {
          private int next;

          @Override
          public void run() {
            stream.onNext(
                RecordsFrame.of(
                    ProduceStreamRequest.newBuilder()
                        .setCorrelationId(next++)
                        .setPartition(-1)
                        .build()));
          }
        };

    assertThat(sendWhileRead(client, refused)).isLessThan(2 * READY_FOR);
    assertThat(client.sent()).hasSizeLessThanOrEqualTo(READY_FOR);

    for (int i = 0; i < MESSAGES && client.sent().size() < MESSAGES; i++) {
      client.readAll();
      sendWhileRead(client, refused);
    }
    assertThat(client.failure()).isNull();
    assertThat(client.sent()).hasSizeGreaterThanOrEqualTo(MESSAGES);
    assertThat(client.sent().stream().filter(ProduceStreamResponse::hasAck))
        .extracting(answer -> answer.getAck().getCorrelationId())
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void aFetchStreamStopsReadingWhileItsRefusalsAreNotRead() {
    SlowClient<RecordsFrame<FetchStreamResponse>> client = new SlowClient<>(1);
    ReaderMemory memory = new ReaderMemory(64 << 20, loop);
    FetchStream stream =
        new FetchStream(null, null, memory.connect("a", () -> {}).call(() -> {}), client);
    stream.begin(new FetchSession(null, null, loop, stream));
    client.readAll();
    Runnable refused =
        () ->
            stream.onNext(
                FetchStreamRequest.newBuilder()
                    .setPosition(
                        FetchPosition.newBuilder().setTopicId(ByteString.copyFromUtf8("short")))
                    .build());

    assertThat(sendWhileRead(client, refused)).isLessThan(2 * READY_FOR);
    long held = memory.heldBytes();

    client.readAll();
    assertThat(memory.heldBytes()).isZero();
    assertThat(sendWhileRead(client, refused)).isPositive();
    assertThat(memory.heldBytes()).isEqualTo(held);
  }

  private static int sendWhileRead(SlowClient<?> client, Runnable send) {
    int count = 0;
    while (count < MESSAGES && client.takesOne()) {
      send.run();
      count++;
    }
    return count;
  }
}
