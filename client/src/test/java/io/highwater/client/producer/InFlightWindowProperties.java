package io.highwater.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.client.ProducerIdentity;
import io.highwater.client.producer.InFlightWindow.Slot;
import io.highwater.proto.record.ProducerSequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * The window against a broker that keeps IDM-1 and IDM-2 and a network that breaks, refuses,
 * forgets and delivers late: no batch twice in the log, none acknowledged that is not there, none
 * in the log or acknowledged out of order, and all batches end.
 */
class InFlightWindowProperties {
  private static final int BATCHES = 60;
  private static final int STEPS = 3_000;

  /** What a try carries over the wire. */
  private record Message(Slot<Integer> slot, int batch, PartitionSequence sequence, int records) {}

  private enum Verdict {
    APPENDED,
    DUPLICATE,
    OUT_OF_ORDER
  }

  /** A broker's log of one partition, with the sequence rules. */
  private static final class Broker {
    private final List<Integer> log = new ArrayList<>();
    private final ArrayDeque<PartitionSequence> lastFive = new ArrayDeque<>();
    private long producerId = -1;
    private int epoch = -1;
    private int expected;

    Verdict append(Message message) {
      PartitionSequence sequence = message.sequence();
      if (lastFive.contains(sequence)) {
        return Verdict.DUPLICATE;
      }
      boolean sameProducer = sequence.producerId() == producerId;
      if (sameProducer && sequence.producerEpoch() < epoch) {
        return Verdict.OUT_OF_ORDER;
      }
      int first = sameProducer && sequence.producerEpoch() == epoch ? expected : 0;
      if (sequence.nextSequence() != first) {
        return Verdict.OUT_OF_ORDER;
      }
      producerId = sequence.producerId();
      epoch = sequence.producerEpoch();
      expected = ProducerSequence.plus(first, message.records());
      lastFive.addLast(sequence);
      if (lastFive.size() > 5) {
        lastFive.removeFirst();
      }
      log.add(message.batch());
      return Verdict.APPENDED;
    }

    void forget() {
      producerId = -1;
      lastFive.clear();
    }
  }

  @Property(tries = 400)
  void nothingIsLostRepeatedOrReordered(
      @ForAll @IntRange(min = 1, max = 5) int maxInFlight, @ForAll long seed) {
    new Simulation(maxInFlight, seed).run();
  }

  /** One seeded run. */
  private static final class Simulation {
    private final InFlightWindow<Integer> window;
    private final Broker broker = new Broker();
    private final Random random;
    private final List<Integer> acked = new ArrayList<>();
    private final Set<Integer> failed = new HashSet<>();
    private final Set<Integer> doubtful = new HashSet<>();
    private final ArrayDeque<Message> wire = new ArrayDeque<>();
    private final ArrayDeque<Message> late = new ArrayDeque<>();
    private long stream;
    private long nextProducerId;
    private int next;

    Simulation(int maxInFlight, long seed) {
      window = new InFlightWindow<>(maxInFlight, true);
      random = new Random(seed);
    }

    void run() {
      for (int step = 0; step < STEPS && !isDone(); step++) {
        step(step < STEPS / 2);
      }
      assertThat(isDone()).as("every batch ends once the network heals").isTrue();
      assertThat(broker.log).as("no batch twice").doesNotHaveDuplicates();
      assertThat(broker.log).as("acknowledged means in the log").containsAll(acked);
      assertThat(acked).as("acknowledged in the order of the sends").isSorted();
      assertThat(broker.log).as("failed for certain means not there").noneMatch(failed::contains);
      List<Integer> certain =
          broker.log.stream().filter(batch -> !doubtful.contains(batch)).toList();
      assertThat(certain).as("in the order of the sends").isSorted();
    }

    private boolean isDone() {
      return acked.size() + failed.size() + doubtful.size() == BATCHES;
    }

    private void step(boolean faulty) {
      window.renumberIfDue();
      if (window.needsIdentity()) {
        window.identify(new ProducerIdentity(nextProducerId++, (short) 0));
      }
      send();
      int dice = random.nextInt(100);
      if (!faulty || dice < 60) {
        deliver(faulty);
      } else if (dice < 70) {
        breakStream();
      } else if (dice < 80) {
        expire();
      } else if (dice < 82 && window.slots().stream().noneMatch(Slot::isInDoubt)) {
        // State expires long after the last try and the last straggler of a broken stream.
        late.clear();
        broker.forget();
      } else if (!late.isEmpty()) {
        // What a broken stream had brought already is appended without an answer, or refused.
        broker.append(late.pollFirst());
      }
      assertThat(window.size()).isLessThanOrEqualTo(5);
    }

    private void send() {
      Slot<Integer> slot = window.nextToSend(stream);
      if (slot == null && next < BATCHES && window.hasRoom(stream)) {
        slot = window.admit(next, next % 9 + 1);
        next++;
      }
      if (slot != null && slot == window.nextToSend(stream)) {
        window.sent(slot, stream, 0);
        int records = slot.batch() % 9 + 1;
        wire.addLast(new Message(slot, slot.batch(), slot.sequence(), records));
      }
    }

    private void deliver(boolean faulty) {
      Message message = wire.pollFirst();
      if (message == null || message.slot().isGone()) {
        if (message != null) {
          broker.append(message);
        }
        return;
      }
      if (faulty && random.nextInt(10) == 0) {
        window.refused(message.slot(), true);
        return;
      }
      Verdict verdict = broker.append(message);
      if (faulty && random.nextInt(10) == 0 && verdict != Verdict.OUT_OF_ORDER) {
        // Appended, yet answered with an error that leaves it open.
        window.refused(message.slot(), false);
      } else if (verdict == Verdict.OUT_OF_ORDER) {
        if (!window.sequenceRefused(message.slot(), false)) {
          doubtful.add(message.batch());
        }
      } else {
        window.acked(message.slot());
      }
      tellAcked();
    }

    private void tellAcked() {
      for (Slot<Integer> slot = window.pollAcked(); slot != null; slot = window.pollAcked()) {
        acked.add(slot.batch());
      }
    }

    private void breakStream() {
      window.streamBroke(stream++);
      late.addAll(wire);
      wire.clear();
    }

    private void expire() {
      for (Slot<Integer> slot : window.slots()) {
        if (random.nextInt(4) == 0) {
          (slot.isInDoubt() ? doubtful : failed).add(slot.batch());
          window.failed(slot);
          tellAcked();
        }
      }
    }
  }
}
