package io.highwater.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.EpochEnd;
import io.highwater.log.EpochHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** LEP-3: the seven ways in which a follower's log can differ, and random ones against a model. */
class DivergenceTest {
  /** A log as the epochs of its records, from {@code start} on. */
  private static final class ModelLog {
    private long start;
    private final List<Integer> epochs = new ArrayList<>();

    static ModelLog of(long start, int... epochs) {
      ModelLog log = new ModelLog();
      log.start = start;
      for (int epoch : epochs) {
        log.epochs.add(epoch);
      }
      return log;
    }

    long end() {
      return start + epochs.size();
    }

    int lastEpoch() {
      return epochs.isEmpty() ? -1 : epochs.get(epochs.size() - 1);
    }

    EpochEnd endOf(int epoch) {
      EpochHistory history = EpochHistory.EMPTY;
      for (int i = 0; i < epochs.size(); i++) {
        history = history.assign(epochs.get(i), start + i);
      }
      return history.endOf(epoch, end());
    }

    void truncateTo(long offset) {
      while (end() > offset && !epochs.isEmpty()) {
        epochs.remove(epochs.size() - 1);
      }
      if (offset < start) {
        start = offset;
      }
    }
  }

  /** Lets the follower ask until the logs match; returns how often it had to. */
  private static int agree(ModelLog follower, ModelLog leader) {
    for (int asked = 1; asked < 100; asked++) {
      EpochEnd answer = leader.endOf(follower.lastEpoch());
      Divergence.Verdict verdict =
          Divergence.judge(
              follower.end(),
              follower.lastEpoch(),
              leader.start,
              leader.end(),
              answer.epoch(),
              answer.endOffset());
      switch (verdict) {
        case MATCHES -> {
          return asked;
        }
        case DIVERGED ->
            follower.truncateTo(
                Divergence.cutOffset(
                    answer.endOffset(),
                    follower.endOf(answer.epoch()).endOffset(),
                    follower.end()));
        case RESET -> {
          follower.epochs.clear();
          follower.start = leader.start;
        }
      }
    }
    throw new AssertionError("the logs never agree");
  }

  @Test
  void anEqualLogMatches() {
    ModelLog follower = ModelLog.of(0, 1, 1, 2);
    assertThat(agree(follower, ModelLog.of(0, 1, 1, 2))).isOne();
    assertThat(follower.end()).isEqualTo(3);
  }

  @Test
  void aShorterLogMatches() {
    ModelLog follower = ModelLog.of(0, 1, 1);
    assertThat(agree(follower, ModelLog.of(0, 1, 1, 1, 2))).isOne();
    assertThat(follower.end()).isEqualTo(2);
  }

  @Test
  void aLongerTailOfTheSameEpochIsCut() {
    ModelLog follower = ModelLog.of(0, 1, 1, 1, 1);
    agree(follower, ModelLog.of(0, 1, 1));
    assertThat(follower.end()).isEqualTo(2);
  }

  @Test
  void aTailThatTheLeaderReplacedByANewerEpochIsCut() {
    ModelLog follower = ModelLog.of(0, 1, 1, 1, 1);
    agree(follower, ModelLog.of(0, 1, 1, 2, 2, 2));
    assertThat(follower.end()).isEqualTo(2);
  }

  @Test
  void anEpochThatTheLeaderNeverSawIsCut() {
    ModelLog follower = ModelLog.of(0, 1, 1, 3, 3);
    agree(follower, ModelLog.of(0, 1, 1, 2, 2, 4));
    assertThat(follower.epochs).containsExactly(1, 1);
  }

  @Test
  void severalForeignEpochsAreCutOneAfterTheOther() {
    // KIP-279: one question is not enough after fast leader changes.
    ModelLog follower = ModelLog.of(0, 1, 2, 4, 6);
    agree(follower, ModelLog.of(0, 1, 3, 5, 7));
    assertThat(follower.epochs).containsExactly(1);
  }

  @Test
  void aLogBelowTheLeadersStartBeginsAgainThere() {
    ModelLog follower = ModelLog.of(0, 1, 1, 1);
    agree(follower, ModelLog.of(10, 4, 4));
    assertThat(follower.start).isEqualTo(10);
    assertThat(follower.end()).isEqualTo(10);
  }

  @Test
  void anEmptyLogMatchesAnyLeaderThatStillHasItsEnd() {
    assertThat(agree(ModelLog.of(0), ModelLog.of(0, 1, 2))).isOne();
    assertThat(agree(ModelLog.of(5), ModelLog.of(5))).isOne();
  }

  @Test
  void aLogOfAnEmptyLeaderIsGivenUp() {
    ModelLog follower = ModelLog.of(0, 1, 1);
    agree(follower, ModelLog.of(0));
    assertThat(follower.end()).isZero();
  }

  @Property(tries = 2_000)
  void afterAgreementTheFollowersLogIsTheBeginningOfTheLeaders(@ForAll long seed) {
    Random random = new Random(seed);
    // One record per (offset, epoch): equal epochs at an offset are equal records (LEP-1).
    ModelLog common = ModelLog.of(0);
    int epoch = 0;
    for (int i = random.nextInt(6); i > 0; i--) {
      common.epochs.add(epoch += random.nextInt(2));
    }
    ModelLog leader = grow(common, 2 * epoch + 2, random);
    ModelLog follower = grow(common, 2 * epoch + 3, random);
    long kept = common.end();
    agree(follower, leader);
    assertThat(follower.end())
        .as("nothing common is cut (LEP-7)")
        .isGreaterThanOrEqualTo(Math.min(kept, leader.end()));
    assertThat(leader.epochs.subList(0, follower.epochs.size())).isEqualTo(follower.epochs);
  }

  /** Two logs grown with steps of two from an even and an odd epoch never share an epoch. */
  private static ModelLog grow(ModelLog from, int firstEpoch, Random random) {
    ModelLog log = ModelLog.of(from.start);
    log.epochs.addAll(from.epochs);
    int epoch = firstEpoch;
    for (int i = random.nextInt(6); i > 0; i--) {
      log.epochs.add(epoch);
      epoch += 2 * random.nextInt(2);
    }
    return log;
  }
}
