package io.highwater.perf.system;

import java.time.Duration;

/**
 * A client in a JVM of its own, warm before the event, that sends one small record after the other
 * at a steady pace and says when one is acknowledged again.
 */
public final class AckProbe implements AutoCloseable {
  private final ChildProcess client;

  private AckProbe(ChildProcess client) {
    this.client = client;
  }

  /** Starts the client; returns when it is warm: it has had some thousand acknowledgements. */
  static AckProbe start(ClientJvm jvm, String bootstrap, String topic, int partition, String acks) {
    ChildProcess client = jvm.startProbe(bootstrap, topic, partition, acks);
    AckProbe probe = new AckProbe(client);
    try {
      client.awaitLine("warm", ClientJvm.TIMEOUT);
      return probe;
    } catch (RuntimeException e) {
      probe.close();
      throw e;
    }
  }

  /**
   * How long after the beginning of an event the first acknowledgement comes of a record that was
   * sent after the event's end. The end counts so that what a broker acknowledged while it was
   * being killed does not; a start is an event that ends at once.
   *
   * @param event kills or starts a broker
   * @throws SystemFailureException when none comes in time
   */
  public Duration firstAckAfter(Runnable event, Duration timeout) {
    client.send("begin");
    client.awaitLine("begun", ClientJvm.TIMEOUT);
    event.run();
    client.send("end");
    String line = client.awaitLine("acknowledged ", timeout);
    return Duration.ofNanos(Long.parseLong(line.substring(line.indexOf(' ') + 1)));
  }

  /** Ends the client. */
  @Override
  public void close() {
    client.close();
  }
}
