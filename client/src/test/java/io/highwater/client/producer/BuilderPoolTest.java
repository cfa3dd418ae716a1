package io.highwater.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuilderPoolTest {
  private static final int BATCH_BYTES = 1_000;

  private final BuilderPool pool = new BuilderPool(Codec.NONE, 3 * BATCH_BYTES);

  @Test
  void builderComesBackEmptyAndTheLastOneFirst() {
    BatchBuilder first = pool.take(BATCH_BYTES);
    BatchBuilder second = pool.take(BATCH_BYTES);
    second.tryAppend(1, null, new byte[10], List.of());
    pool.recycle(first);
    pool.recycle(second);

    assertThat(pool.take(BATCH_BYTES)).isSameAs(second);
    assertThat(second.recordCount()).isZero();
    assertThat(pool.take(BATCH_BYTES)).isSameAs(first);
  }

  @Test
  void keepsNoMoreThanItsBytes() {
    List<BatchBuilder> four =
        List.of(
            pool.take(BATCH_BYTES),
            pool.take(BATCH_BYTES),
            pool.take(BATCH_BYTES),
            pool.take(BATCH_BYTES));
    four.forEach(pool::recycle);

    for (int i = 2; i >= 0; i--) {
      assertThat(pool.take(BATCH_BYTES)).isSameAs(four.get(i));
    }
    assertThat(pool.take(BATCH_BYTES)).as("one too many").isNotIn(four);
  }

  @Test
  void sizesThatNobodyAsksForGiveWayToTheOneThatIsUsed() {
    BatchBuilder small = pool.take(BATCH_BYTES / 2);
    BatchBuilder large = pool.take(3 * BATCH_BYTES);
    pool.recycle(small);
    assertThat(pool.take(3 * BATCH_BYTES)).as("of another size").isNotSameAs(small);

    pool.recycle(large);

    assertThat(pool.take(BATCH_BYTES / 2)).isNotSameAs(small);
    assertThat(pool.take(3 * BATCH_BYTES)).isSameAs(large);
  }
}
