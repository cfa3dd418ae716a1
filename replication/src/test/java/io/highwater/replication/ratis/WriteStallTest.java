package io.highwater.replication.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.ratis.WriteStall.Verdict;
import org.junit.jupiter.api.Test;

class WriteStallTest {
  private static final long PATIENCE_MS = 100;

  private final WriteStall stall = new WriteStall(PATIENCE_MS);

  private Verdict keeping(boolean full, long nowMs) {
    return stall.look(7, 7, 0, full, nowMs);
  }

  private Verdict unkept(boolean full, long nowMs) {
    return stall.look(8, 7, 0, full, nowMs);
  }

  @Test
  void whoWritesOnAFullDiskHasNotGivenUp() {
    assertThat(keeping(true, 0)).isEqualTo(Verdict.NONE);
    assertThat(keeping(true, 1_000)).isEqualTo(Verdict.NONE);
    assertThat(keeping(false, 2_000)).isEqualTo(Verdict.NONE);
  }

  @Test
  void aTermThatIsNotKeptForAWhileIsOneOnceThereIsRoomForAWhile() {
    assertThat(unkept(true, 0)).isEqualTo(Verdict.NONE);
    assertThat(unkept(true, 99)).isEqualTo(Verdict.NONE);
    assertThat(unkept(true, 100)).isEqualTo(Verdict.FULL);
    assertThat(unkept(false, 200)).isEqualTo(Verdict.FULL);
    assertThat(unkept(true, 290)).isEqualTo(Verdict.FULL);
    assertThat(unkept(false, 300)).isEqualTo(Verdict.FULL);
    assertThat(unkept(false, 400)).isEqualTo(Verdict.OVER);
  }

  @Test
  void everyTermHasItsTime() {
    assertThat(stall.look(8, 7, 0, true, 0)).isEqualTo(Verdict.NONE);
    assertThat(stall.look(9, 8, 0, true, 150)).isEqualTo(Verdict.NONE);
    assertThat(stall.look(9, 9, 0, true, 300)).isEqualTo(Verdict.NONE);
    assertThat(stall.look(10, 9, 0, true, 450)).isEqualTo(Verdict.NONE);
  }

  @Test
  void entriesThatWaitAreNoStallOnADiskThatWasNotFull() {
    assertThat(stall.look(7, 7, 5_000, false, 0)).isEqualTo(Verdict.NONE);
    assertThat(stall.look(7, 7, 9_000, false, 4_000)).isEqualTo(Verdict.NONE);
  }

  @Test
  void entriesThatWaitLongerThanTheDiskWasFullHaveBeenRefused() {
    assertThat(stall.look(7, 7, 50, true, 0)).isEqualTo(Verdict.NONE);
    assertThat(stall.look(7, 7, 60, false, 10)).isEqualTo(Verdict.NONE);
    assertThat(stall.look(7, 7, 100, false, 50)).isEqualTo(Verdict.FULL);
    assertThat(stall.look(7, 7, 160, false, 110)).isEqualTo(Verdict.OVER);
  }

  @Test
  void whatWasWrittenAfterTheDiskWasFullIsForgiven() {
    assertThat(stall.look(7, 7, 50, true, 0)).isEqualTo(Verdict.NONE);
    assertThat(keeping(false, 60)).isEqualTo(Verdict.NONE);
    assertThat(stall.look(7, 7, 500, false, 600)).isEqualTo(Verdict.NONE);
  }
}
