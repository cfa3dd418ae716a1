package io.highwater.replication;

import static io.highwater.replication.RemovalFixture.BROKER;
import static io.highwater.replication.RemovalFixture.OTHER;
import static io.highwater.replication.RemovalFixture.PARTITION;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.control.MetadataCommand.ConfirmReplicaRemoval;
import java.util.List;
import org.junit.jupiter.api.Test;

/** CTL-5: what moved away goes, and that is said only when nothing can be left. */
class MovedReplicasTest {
  private static final long BROKER_EPOCH = 2;

  private final RemovalFixture fixture = new RemovalFixture();
  private final MovedReplicas moved =
      new MovedReplicas(
          BROKER, fixture.logs, fixture.loop, Runnable::run, fixture.reports, fixture.loop::nowMs);

  /** As the broker does with each image. */
  private void onImage() {
    moved.settle(fixture.image());
    if (moved.left(fixture.topic(), fixture.image().partition(PARTITION))) {
      moved.remove();
    }
    moved.confirm(BROKER_EPOCH);
  }

  private void isConfirmed() {
    assertThat(fixture.confirmed())
        .containsExactly(new ConfirmReplicaRemoval(BROKER, BROKER_EPOCH, List.of(PARTITION)));
  }

  @Test
  void whatLeftIsRemovedAndConfirmed() {
    fixture.reassign(OTHER);
    onImage();
    moved.confirm(BROKER_EPOCH);
    assertThat(fixture.confirmed()).isEmpty();

    fixture.step();
    assertThat(fixture.hasLog()).isFalse();
    moved.confirm(BROKER_EPOCH);
    isConfirmed();
  }

  @Test
  void whatCameBackAndLeftAgainDuringItsRemovalIsRemovedOnceMore() {
    fixture.reassign(OTHER);
    onImage();
    fixture.reassign(OTHER, BROKER);
    onImage();
    fixture.openLog();
    fixture.reassign(OTHER);
    onImage();

    fixture.step();
    moved.confirm(BROKER_EPOCH);
    assertThat(fixture.confirmed()).isEmpty();

    fixture.step();
    assertThat(fixture.hasLog()).isTrue();
    fixture.step();
    assertThat(fixture.hasLog()).isFalse();
    moved.confirm(BROKER_EPOCH);
    isConfirmed();
  }

  @Test
  void whatTheFullDiskKeepsIsTriedAgainWithoutAnyImage() {
    fixture.reassign(OTHER);
    fixture.storage.limitBytes(0);
    onImage();
    fixture.step();
    fixture.storage.limitBytes(Long.MAX_VALUE);
    assertThat(fixture.isDue()).isFalse();

    moved.retry(fixture.image());
    assertThat(fixture.isDue()).isFalse();
    fixture.loop.pass(RetryPace.RETRY_MS);
    moved.retry(fixture.image());
    fixture.step();
    assertThat(fixture.hasLog()).isFalse();
    moved.confirm(BROKER_EPOCH);
    isConfirmed();

    fixture.loop.pass(RetryPace.RETRY_MS);
    moved.retry(fixture.image());
    assertThat(fixture.isDue()).isFalse();
  }
}
