package io.highwater.proto.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MessageAllowanceTest {
  @Test
  void neverRunsOutAndNeverGrowsWithoutBound() {
    AtomicLong requested = new AtomicLong();
    MessageAllowance allowance = new MessageAllowance(requested::addAndGet);
    allowance.open();
    long fewestAhead = Long.MAX_VALUE;
    long mostAhead = 0;
    for (long received = 1; received <= 5L * MessageAllowance.BULK; received++) {
      allowance.received();
      fewestAhead = Math.min(fewestAhead, requested.get() - received);
      mostAhead = Math.max(mostAhead, requested.get() - received);
    }
    assertThat(fewestAhead).isPositive();
    assertThat(mostAhead).isLessThanOrEqualTo(2L * MessageAllowance.BULK);
  }
}
