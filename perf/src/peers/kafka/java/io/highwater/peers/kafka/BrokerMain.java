package io.highwater.peers.kafka;

import java.io.IOException;
import kafka.Kafka;

/** A broker that ends with the process that started it. Takes what Kafka's own main class takes. */
public final class BrokerMain {
  private static final int ORPHANED = 3;

  private BrokerMain() {}

  /** Runs the broker. */
  public static void main(String[] arguments) {
    Thread watch = new Thread(BrokerMain::awaitEndOfParent, "parent-watch");
    watch.setDaemon(true);
    watch.start();
    Kafka.main(arguments);
  }

  private static void awaitEndOfParent() {
    try {
      while (System.in.read() >= 0) {
        // Whatever the parent says, it lives.
      }
    } catch (IOException e) {
      // A pipe that cannot be read has nobody at its other end either.
      Runtime.getRuntime().halt(ORPHANED);
    }
    Runtime.getRuntime().halt(ORPHANED);
  }
}
