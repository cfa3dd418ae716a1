package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.client.producer.ProducerRecord;
import java.time.Instant;
import java.util.SplittableRandom;

/**
 * A stream of order events as a shop would send them: JSON, keyed by customer, the same for the
 * same seed. An order is placed, then paid, packed, shipped and delivered in later events, so that
 * a record out of order would mean something; few customers order much, most order little.
 */
final class OrderEvents implements RecordSource {
  private static final String[] STATES = {"placed", "paid", "packed", "shipped", "delivered"};
  private static final String[] GOODS = {
    "Espresso cups", "Desk lamp", "Rain jacket", "Notebook A5", "Bicycle bell", "Wool blanket",
    "Chef's knife", "Travel adapter", "Trail shoes", "Tea pot", "Headphones", "Plant pot"
  };
  private static final String[] CITIES = {
    "Berlin", "Köln", "Zürich", "Wien", "Malmö", "Porto", "Gdańsk", "Lyon", "Utrecht", "Brno"
  };
  private static final int CUSTOMERS = 10_000;
  private static final int OPEN_ORDERS = 4_096;
  private static final long FIRST_PLACED_MS = 1_767_225_600_000L;

  private final SplittableRandom random;
  private final String topic;
  private final long count;
  private final long[] openOrder = new long[OPEN_ORDERS];
  private final int[] openState = new int[OPEN_ORDERS];
  private final StringBuilder json = new StringBuilder(512);
  private long produced;
  private long orders;
  private long nowMs = FIRST_PLACED_MS;

  /**
   * @param topic where the records go
   * @param count how many events there are
   * @param seed the same seed gives the same events
   */
  OrderEvents(String topic, long count, long seed) {
    this.topic = topic;
    this.count = count;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public ProducerRecord next() {
    if (produced == count) {
      return null;
    }
    produced++;
    nowMs += random.nextInt(40);
    int slot = random.nextInt(OPEN_ORDERS);
    if (openOrder[slot] == 0 || openState[slot] == STATES.length - 1) {
      openOrder[slot] = ++orders;
      openState[slot] = 0;
    } else {
      openState[slot]++;
    }
    return event(openOrder[slot], openState[slot]);
  }

  @Override
  public double progress() {
    return count == 0 ? 1 : (double) produced / count;
  }

  // What stays the same through an order's life is drawn from its number, not from the stream.
  private ProducerRecord event(long order, int state) {
    SplittableRandom ofOrder = new SplittableRandom(order);
    double skew = ofOrder.nextDouble();
    String customer = "customer-" + (int) (skew * skew * skew * CUSTOMERS);
    json.setLength(0);
    json.append("{\"event\":").append(produced);
    json.append(",\"order\":\"o-").append(order);
    json.append("\",\"customer\":\"").append(customer);
    json.append("\",\"city\":\"").append(CITIES[ofOrder.nextInt(CITIES.length)]);
    json.append("\",\"status\":\"").append(STATES[state]);
    json.append("\",\"at\":\"").append(Instant.ofEpochMilli(nowMs));
    json.append("\",\"items\":[");
    long totalCents = 0;
    int items = 1 + ofOrder.nextInt(3);
    for (int i = 0; i < items; i++) {
      int goods = ofOrder.nextInt(GOODS.length);
      int quantity = 1 + ofOrder.nextInt(4);
      long cents = 499 + 250L * goods + ofOrder.nextInt(4) * 25L;
      totalCents += cents * quantity;
      json.append(i == 0 ? "{\"sku\":\"" : ",{\"sku\":\"").append(1000 + goods * 37);
      json.append("\",\"name\":\"").append(GOODS[goods]);
      json.append("\",\"quantity\":").append(quantity);
      appendCents(",\"price\":", cents);
      json.append('}');
    }
    appendCents("],\"total\":", totalCents);
    json.append(",\"currency\":\"EUR\"}");
    return ProducerRecord.of(topic, customer.getBytes(UTF_8), json.toString().getBytes(UTF_8));
  }

  private void appendCents(String name, long cents) {
    json.append(name).append(cents / 100).append('.');
    json.append((char) ('0' + cents / 10 % 10)).append((char) ('0' + cents % 10));
  }
}
