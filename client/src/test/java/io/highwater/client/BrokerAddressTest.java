package io.highwater.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerAddressTest {
  @ParameterizedTest
  @CsvSource({
    "localhost:1234, localhost, 1234",
    "localhost, localhost, 7450",
    "' 10.0.0.1:9 ', 10.0.0.1, 9",
    "[::1]:1234, ::1, 1234",
    "[::1], ::1, 7450",
    "::1, ::1, 7450",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8, 7450",
    "[::1:7560], ::1:7560, 7450"
  })
  void readsHostsWithAndWithoutPorts(String text, String host, int port) {
    assertThat(BrokerAddress.parse(text)).isEqualTo(new BrokerAddress(host, port));
    assertThat(BrokerAddress.parse(BrokerAddress.parse(text).toString()))
        .isEqualTo(new BrokerAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host:port",
        "host:",
        ":1234",
        "host:0",
        "host:65536",
        "[::1",
        "",
        "http://host:1",
        "a_b:1",
        "a b",
        "::1:7560",
        "fe80::2:7450"
      })
  void namesWhatItCannotRead(String text) {
    assertThatThrownBy(() -> BrokerAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aListKeepsItsOrderAndHasOneAtLeast() {
    assertThat(BrokerAddress.parseList("b:1, a:2,"))
        .extracting(BrokerAddress::host)
        .containsExactly("b", "a");
    assertThatThrownBy(() -> BrokerAddress.parseList(" , "))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
