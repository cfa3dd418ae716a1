package io.highwater.server.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogConfig;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.Codec;
import io.highwater.replication.ManualLoop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Whose compressed batches are looked into when, counted in steps of the worker. */
class ValidationTurnsTest {
  private static final int MIB = 1 << 20;
  private static final LogConfig RULES = LogConfig.DEFAULT;

  private final ManualLoop loop = new ManualLoop();
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final BatchGate gate = new BatchGate(loop, tasks::add, 64L * MIB);
  private final List<String> through = new ArrayList<>();

  @Test
  void aSmallBatchPassesWhileAnothersHugeOneIsUnderWay() {
    look("huge", bomb(60));
    look("huge", bomb(60));
    steps(3);

    look("small", bomb(1));
    steps(3);

    assertThat(through).containsExactly("small");
    stepAll();
    assertThat(through).containsExactly("small", "huge", "huge");
  }

  @Test
  void aSmallBatchWaitsForAStepOfEachOfManyClients() {
    int clients = 20;
    for (int i = 0; i < clients; i++) {
      look("huge" + i, bomb(10));
    }
    look("small", bomb(1));

    steps(clients + 1);

    assertThat(through).containsExactly("small");
    stepAll();
    assertThat(through).hasSize(clients + 1);
  }

  @Test
  void theBatchesOfAClientPassInTheirOrder() {
    for (String batch : List.of("1", "2", "3")) {
      gate.look("client", bomb(3), RULES, refusal -> through.add(batch));
    }
    stepAll();
    assertThat(through).containsExactly("1", "2", "3");
  }

  @Test
  void aBatchIsRefusedForWhatALaterStepFinds() {
    ByteBuffer cut = bomb(10);
    int at = cut.limit() - 20;
    cut.put(at, (byte) (cut.get(at) ^ 1));
    look("other", bomb(10));
    gate.look("client", resealed(cut), RULES, refusal -> through.add(refusal.code().name()));
    look("client", bomb(1));

    stepAll();

    assertThat(through).containsSubsequence("INVALID_RECORD", "client").contains("other");
  }

  @Test
  void whatWaitsIsBoundedByClientAndInAll() {
    BatchGate narrow = new BatchGate(loop, tasks::add, 8L * MIB);
    ByteBuffer batch = random(MIB * 3 / 4);
    List<ErrorCode> answers = new ArrayList<>();
    for (String client : List.of("a", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k")) {
      narrow.look(client, batch.duplicate(), RULES, refusal -> answers.add(code(refusal)));
    }
    // The second one of the first client, and the eleventh client.
    assertThat(answers)
        .containsExactly(ErrorCode.THROTTLING_QUOTA_EXCEEDED, ErrorCode.THROTTLING_QUOTA_EXCEEDED);
    assertThat(narrow.waiting().takesMore("z")).isFalse();

    stepAll();

    assertThat(answers).hasSize(12).endsWith(ErrorCode.NONE);
    assertThat(narrow.waiting().takesMore("a")).isTrue();
  }

  @Test
  void aClientWithMuchThatWaitsIsNotReadFrom() {
    BatchGate narrow = new BatchGate(loop, tasks::add, 8L * MIB);
    narrow.look("a", random(MIB * 3 / 4), RULES, refusal -> through.add("a"));
    assertThat(narrow.waiting().takesMore("a")).isFalse();
    assertThat(narrow.waiting().takesMore("b")).isTrue();
    stepAll();
    assertThat(narrow.waiting().takesMore("a")).isTrue();
  }

  @Test
  void aGateWhoseWorkerIsClosedRefuses() {
    BatchGate closed =
        new BatchGate(
            loop,
            task -> {
              throw new RejectedExecutionException();
            },
            MIB);
    closed.look("a", bomb(1), RULES, refusal -> through.add(refusal.code().name()));
    assertThat(through).containsExactly("BROKER_NOT_AVAILABLE");
    assertThat(closed.waiting().takesMore("a")).isTrue();
  }

  private static ErrorCode code(HighwaterException refusal) {
    return refusal == null ? ErrorCode.NONE : refusal.code();
  }

  private void look(String client, ByteBuffer batch) {
    gate.look(
        client,
        batch,
        RULES,
        refusal -> {
          assertThat(refusal).isNull();
          through.add(client);
        });
  }

  private void steps(int count) {
    for (int i = 0; i < count; i++) {
      tasks.remove().run();
      loop.turn();
    }
  }

  private void stepAll() {
    while (!tasks.isEmpty()) {
      steps(1);
    }
  }

  /** A batch that inflates to so many MiB. */
  private static ByteBuffer bomb(int mib) {
    BatchBuilder builder = new BatchBuilder(Codec.GZIP, 64 * MIB);
    for (int i = 0; i < mib; i++) {
      builder.append(1_000, null, new byte[MIB - 100], List.of());
    }
    return builder.build();
  }

  private static ByteBuffer random(int bytes) {
    byte[] value = new byte[bytes];
    new Random(1).nextBytes(value);
    BatchBuilder builder = new BatchBuilder(Codec.GZIP, 64 * MIB);
    builder.append(1_000, null, value, List.of());
    return builder.build();
  }

  private static ByteBuffer resealed(ByteBuffer batch) {
    CRC32C crc = new CRC32C();
    crc.update(batch.duplicate().position(batch.position() + BatchLayout.ATTRIBUTES));
    return batch.putInt(batch.position() + BatchLayout.CRC, (int) crc.getValue());
  }
}
