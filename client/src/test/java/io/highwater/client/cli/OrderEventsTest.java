package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.highwater.client.producer.ProducerRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OrderEventsTest {
  @Test
  void theSameSeedGivesTheSameEvents() {
    assertThat(values(500, 7)).isEqualTo(values(500, 7)).isNotEqualTo(values(500, 8));
  }

  @Test
  void givesExactlyAsManyEventsAsAskedFor() {
    assertThat(values(0, 1)).isEmpty();
    assertThat(values(123, 1)).hasSize(123);
  }

  @Test
  void everyEventIsJsonKeyedByItsCustomer() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    OrderEvents events = new OrderEvents("orders", 2_000, 42);
    for (ProducerRecord record = events.next(); record != null; record = events.next()) {
      JsonNode event = mapper.readTree(record.value());
      assertThat(event.path("customer").asText()).isEqualTo(new String(record.key(), UTF_8));
      assertThat(event.path("items")).isNotEmpty();
      assertThat(event.path("total").isNumber()).isTrue();
    }
  }

  @Test
  void anOrderGoesThroughItsStatesInOrderAndKeepsItsCustomer() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<String> states = List.of("placed", "paid", "packed", "shipped", "delivered");
    Map<String, Integer> stateOf = new HashMap<>();
    Map<String, String> customerOf = new HashMap<>();
    OrderEvents events = new OrderEvents("orders", 20_000, 42);
    for (ProducerRecord record = events.next(); record != null; record = events.next()) {
      JsonNode event = mapper.readTree(record.value());
      String order = event.path("order").asText();
      int state = states.indexOf(event.path("status").asText());
      assertThat(state).isEqualTo(stateOf.getOrDefault(order, -1) + 1);
      stateOf.put(order, state);
      String customer = event.path("customer").asText();
      assertThat(customerOf.putIfAbsent(order, customer)).isIn(null, customer);
    }
    assertThat(stateOf).containsValue(4);
  }

  private static List<String> values(long count, long seed) {
    OrderEvents events = new OrderEvents("orders", count, seed);
    List<String> values = new ArrayList<>();
    for (ProducerRecord record = events.next(); record != null; record = events.next()) {
      values.add(new String(record.key(), UTF_8) + new String(record.value(), UTF_8));
    }
    return values;
  }
}
