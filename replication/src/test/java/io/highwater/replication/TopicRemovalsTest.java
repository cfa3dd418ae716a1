package io.highwater.replication;

import static io.highwater.replication.RemovalFixture.BROKER;
import static io.highwater.replication.RemovalFixture.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.ConfirmRemoval;
import java.util.List;
import org.junit.jupiter.api.Test;

/** CTL-5: what an image says is deleted goes, and that is said only when nothing can be left. */
class TopicRemovalsTest {
  private static final long BROKER_EPOCH = 2;

  private final RemovalFixture fixture = new RemovalFixture();
  private boolean isInUse;
  private final TopicRemovals removals =
      new TopicRemovals(
          BROKER,
          fixture.logs,
          Runnable::run,
          fixture.reports,
          topicId -> isInUse,
          fixture.loop::nowMs);

  private void isConfirmed() {
    removals.confirm(BROKER_EPOCH);
    assertThat(fixture.confirmed())
        .containsExactly(new ConfirmRemoval(BROKER, BROKER_EPOCH, List.of(TOPIC)));
  }

  @Test
  void whatIsDeletedGoesOnceNothingUsesIt() {
    fixture.apply(new MetadataCommand.DeleteTopic(TOPIC));
    isInUse = true;
    removals.settle(fixture.image());
    assertThat(fixture.isDue()).isFalse();

    isInUse = false;
    removals.settle(fixture.image());
    removals.confirm(BROKER_EPOCH);
    assertThat(fixture.confirmed()).isEmpty();

    fixture.step();
    assertThat(fixture.hasLog()).isFalse();
    isConfirmed();
  }

  @Test
  void whatTheFullDiskKeepsIsTriedAgainWithoutAnyImage() {
    fixture.apply(new MetadataCommand.DeleteTopic(TOPIC));
    fixture.storage.limitBytes(0);
    removals.settle(fixture.image());
    fixture.step();
    fixture.storage.limitBytes(Long.MAX_VALUE);
    removals.confirm(BROKER_EPOCH);
    assertThat(fixture.confirmed()).isEmpty();

    removals.retry(fixture.image());
    assertThat(fixture.isDue()).isFalse();
    fixture.loop.pass(RetryPace.RETRY_MS);
    removals.retry(fixture.image());
    fixture.step();
    assertThat(fixture.hasLog()).isFalse();
    isConfirmed();

    fixture.loop.pass(RetryPace.RETRY_MS);
    removals.retry(fixture.image());
    assertThat(fixture.isDue()).isFalse();
  }
}
