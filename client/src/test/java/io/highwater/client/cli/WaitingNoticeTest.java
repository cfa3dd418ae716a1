package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a producer's user is told while nothing happens. */
class WaitingNoticeTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final AtomicInteger looks = new AtomicInteger();
  private volatile HighwaterException obstacle;

  @Test
  void eachReasonIsToldOnce() {
    try (WaitingNotice notice =
        new WaitingNotice(this::look, new PrintStream(written, true, UTF_8), 1)) {
      assertThat(notice).isNotNull();
      awaitLooks();
      assertThat(written.size()).isZero();

      obstacle = new HighwaterException(ErrorCode.NOT_ENOUGH_REPLICAS, "t-0: 1 of 2");
      awaitLooks();
      obstacle = new HighwaterException(ErrorCode.LEADER_NOT_AVAILABLE, "t-0");
      awaitLooks();
    }
    assertThat(written.toString(UTF_8).lines())
        .containsExactly(
            "highwater: NOT_ENOUGH_REPLICAS: waiting: t-0: 1 of 2",
            "highwater: LEADER_NOT_AVAILABLE: waiting: t-0");
  }

  private CompletableFuture<Optional<HighwaterException>> look() {
    looks.incrementAndGet();
    return CompletableFuture.completedFuture(Optional.ofNullable(obstacle));
  }

  /** The last one's line is written when the next begins. */
  private void awaitLooks() {
    int before = looks.get();
    await().until(() -> looks.get() >= before + 3);
  }
}
