package io.highwater.client.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.Acks;
import org.junit.jupiter.api.Test;

class ProducerConfigTest {
  @Test
  void theDefaultsAreIdempotentWithAllAcks() {
    ProducerConfig config = Producer.builder().config();
    assertThat(config.idempotent()).isTrue();
    assertThat(config.acks()).isEqualTo(Acks.ALL);
    assertThat(config.maxInFlightPerPartition()).isEqualTo(5);
  }

  @Test
  void fewerAcksAreNotIdempotentUnlessAskedFor() {
    assertThat(Producer.builder().acks(Acks.LEADER).config().idempotent()).isFalse();
    assertThatThrownBy(() -> Producer.builder().acks(Acks.LEADER).idempotent(true).build())
        .hasMessageContaining("idempotent needs acks all");
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> Producer.builder().lingerMs(-1).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lingerMs -1");
    assertThatThrownBy(() -> Producer.builder().maxInFlightPerPartition(6).build())
        .hasMessageContaining("maxInFlightPerPartition 6");
    assertThatThrownBy(() -> Producer.builder().bufferBytes(10).build())
        .hasMessageContaining("bufferBytes 10");
    assertThatThrownBy(() -> Producer.builder().deliveryTimeoutMs(5).lingerMs(5).build())
        .hasMessageContaining("deliveryTimeoutMs 5");
    assertThatThrownBy(() -> Producer.builder().maxBlockMs(Long.MAX_VALUE).build())
        .hasMessageContaining("maxBlockMs 9223372036854775807");
    assertThatThrownBy(() -> Producer.builder().deliveryTimeoutMs(Long.MAX_VALUE).build())
        .hasMessageContaining("deliveryTimeoutMs 9223372036854775807");
    assertThatThrownBy(() -> Producer.builder().bootstrap("").build())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
