package io.highwater.perf.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that waits for an event: {@code TARGET BOOTSTRAP TOPIC PARTITION ACKS}. Sends one record
 * after the other to the partition, prints {@code warm}, then takes lines: {@code begin} and {@code
 * end} of an event, after which it prints {@code acknowledged} with the nanoseconds from the
 * beginning to the first acknowledgement of a record sent after the end. Ends with its standard
 * input.
 */
public final class AckProbeMain {
  private static final int RECORD_BYTES = 100;
  private static final int WARM_UP_RECORDS = 3_000;
  private static final long PACE_NANOS = Duration.ofMillis(2).toNanos();
  private static final SinkConfig PLAIN =
      new SinkConfig("", "", "all", "none", 16 << 10, 0, 5, 32L << 20);

  private final RecordSink sink;
  private final int partition;
  private final byte[] payload = new byte[RECORD_BYTES];
  private final AtomicBoolean complained = new AtomicBoolean();
  private volatile long begunAt;

  /** Records sent before this are none of the event's; {@link Long#MAX_VALUE} when none is on. */
  private volatile long endedAt = Long.MAX_VALUE;

  private AckProbeMain(RecordSink sink, int partition) {
    this.sink = sink;
    this.partition = partition;
  }

  /** Runs until standard input ends. */
  public static void main(String[] arguments) throws Exception {
    LoadTarget target =
        Class.forName(arguments[0]).asSubclass(LoadTarget.class).getConstructor().newInstance();
    SinkConfig config =
        new SinkConfig(
            arguments[1],
            arguments[2],
            arguments[4],
            PLAIN.codec(),
            PLAIN.batchBytes(),
            PLAIN.lingerMs(),
            PLAIN.inFlight(),
            PLAIN.bufferBytes());
    AckProbeMain probe = new AckProbeMain(target.sink(config), Integer.parseInt(arguments[3]));
    probe.warmUp();
    Thread sender = new Thread(probe::sendForEver, "probe-sender");
    sender.setDaemon(true);
    sender.start();
    System.out.println("warm");
    probe.obey();
    // What is still unanswered may stay so for as long as a client is willing to wait.
    Runtime.getRuntime().halt(0);
  }

  private void warmUp() throws InterruptedException {
    Semaphore answered = new Semaphore(0);
    for (int i = 0; i < WARM_UP_RECORDS; i++) {
      sink.send(
          partition,
          payload,
          i,
          (token, failure) -> {
            complain(failure);
            answered.release();
          });
      answered.acquire();
    }
  }

  private void sendForEver() {
    long next = System.nanoTime();
    while (true) {
      sink.send(partition, payload, System.nanoTime(), this::answered);
      next = Math.max(next + PACE_NANOS, System.nanoTime() - PACE_NANOS);
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  private void answered(long sentAt, Throwable failure) {
    long now = System.nanoTime();
    if (failure != null) {
      complain(failure);
      return;
    }
    if (sentAt >= endedAt) {
      report(now);
    }
  }

  private synchronized void report(long now) {
    if (endedAt != Long.MAX_VALUE) {
      endedAt = Long.MAX_VALUE;
      System.out.println("acknowledged " + (now - begunAt));
    }
  }

  private void obey() throws IOException {
    try (BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        switch (line) {
          case "begin" -> {
            begunAt = System.nanoTime();
            System.out.println("begun");
          }
          case "end" -> endedAt = System.nanoTime();
          default -> throw new IllegalArgumentException("no command " + line);
        }
      }
    }
  }

  /** Failures are expected while a broker is away; the first is told, for a probe in vain. */
  private void complain(Throwable failure) {
    if (failure != null && complained.compareAndSet(false, true)) {
      System.err.println("a write failed: " + failure);
    }
  }
}
