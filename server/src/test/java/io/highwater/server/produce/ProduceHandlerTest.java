package io.highwater.server.produce;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProduceHandlerTest {
  @Test
  void aClientsPatienceHasABound() {
    assertThat(ProduceHandler.patienceMs(0, 30_000)).isEqualTo(30_000);
    assertThat(ProduceHandler.patienceMs(-1, 30_000)).isEqualTo(30_000);
    assertThat(ProduceHandler.patienceMs(100, 30_000)).isEqualTo(100);
    assertThat(ProduceHandler.patienceMs(Integer.MAX_VALUE, 30_000)).isEqualTo(300_000);
    assertThat(ProduceHandler.patienceMs(Integer.MAX_VALUE, 600_000)).isEqualTo(600_000);
  }
}
