package io.highwater.client.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.client.ProducerIdentity;
import io.highwater.client.producer.InFlightWindow.Slot;
import io.highwater.proto.InvariantViolation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightWindowTest {
  private static final ProducerIdentity IDENTITY = new ProducerIdentity(7, (short) 0);
  private static final long STREAM = 0;
  private static final long NEXT_STREAM = 1;

  private final InFlightWindow<String> window = new InFlightWindow<>(5, true);
  private final List<Slot<String>> slots = new ArrayList<>();

  private void sendSome(int count) {
    if (window.needsIdentity()) {
      window.identify(IDENTITY);
    }
    for (int i = 0; i < count; i++) {
      Slot<String> slot = window.admit("batch " + slots.size(), 10);
      slots.add(slot);
      window.sent(slot, STREAM, 0);
    }
  }

  /** What is given out as acknowledged when one more is. */
  private List<String> ack(int batch) {
    window.acked(slots.get(batch));
    List<String> given = new ArrayList<>();
    for (Slot<String> slot = window.pollAcked(); slot != null; slot = window.pollAcked()) {
      given.add(slot.batch());
    }
    return given;
  }

  private List<String> resend(long stream) {
    List<String> sent = new ArrayList<>();
    for (Slot<String> slot = window.nextToSend(stream);
        slot != null;
        slot = window.nextToSend(stream)) {
      window.sent(slot, stream, 0);
      sent.add(slot.batch());
    }
    return sent;
  }

  @Test
  void sequencesFollowEachOther() {
    sendSome(3);
    assertThat(slots).extracting(slot -> slot.sequence().nextSequence()).containsExactly(0, 10, 20);
  }

  @Test
  void noMoreBatchesAreOutThanTheBrokerRemembers() {
    sendSome(5);
    assertThat(window.hasRoom(STREAM)).isFalse();
    assertThat(ack(1)).isEmpty();
    assertThat(window.hasRoom(STREAM)).as("the oldest is unanswered").isFalse();
    assertThat(ack(0)).containsExactly("batch 0", "batch 1");
    assertThat(window.hasRoom(STREAM)).isTrue();
  }

  @Test
  void aRefusalWaitsForThoseBehindAndThenAllGoAgainInOrder() {
    sendSome(3);
    window.refused(slots.get(0), true);
    assertThat(window.nextToSend(STREAM)).isNull();
    assertThat(window.hasRoom(STREAM)).isFalse();
    assertThat(window.sequenceRefused(slots.get(1), false)).isTrue();
    assertThat(window.nextToSend(STREAM)).isNull();
    assertThat(window.sequenceRefused(slots.get(2), false)).isTrue();
    assertThat(window.renumberIfDue()).isFalse();
    assertThat(resend(STREAM)).containsExactly("batch 0", "batch 1", "batch 2");
    assertThat(slots.get(2).sequence().nextSequence()).isEqualTo(20);
  }

  @Test
  void aBrokenStreamLeavesItsBatchesInDoubtAndTheyGoAgainOnTheNext() {
    sendSome(2);
    assertThat(window.streamBroke(STREAM)).isTrue();
    assertThat(slots).allMatch(Slot::isInDoubt);
    assertThat(resend(NEXT_STREAM)).containsExactly("batch 0", "batch 1");
    assertThat(window.streamBroke(STREAM)).as("of the old stream nothing is left").isFalse();
  }

  @Test
  void nothingGoesToANewLeaderWhileTheOldOneHasNotAnswered() {
    sendSome(2);
    assertThat(window.hasRoom(NEXT_STREAM)).isFalse();
    ack(0);
    assertThat(window.hasRoom(NEXT_STREAM)).isFalse();
    ack(1);
    assertThat(window.hasRoom(NEXT_STREAM)).isTrue();
  }

  /** A new leader refuses a repeat that came too early, and takes the next one. */
  @Test
  void anAcknowledgementWaitsForOlderBatches() {
    sendSome(2);
    window.streamBroke(STREAM);
    assertThat(resend(NEXT_STREAM)).containsExactly("batch 0", "batch 1");
    Slot<String> third = window.admit("batch 2", 10);
    slots.add(third);
    window.sent(third, NEXT_STREAM, 0);
    window.refused(slots.get(0), true);

    assertThat(ack(2)).isEmpty();
    assertThat(ack(1)).isEmpty();
    assertThat(window.hasRoom(NEXT_STREAM)).as("the refused one goes first").isFalse();
    assertThat(window.slots()).containsExactly(slots.get(0));
    assertThat(resend(NEXT_STREAM)).containsExactly("batch 0");
    assertThat(ack(0)).containsExactly("batch 0", "batch 1", "batch 2");
    assertThat(window.isEmpty()).isTrue();
  }

  @Test
  void anAcknowledgementIsGivenOutAlsoWhenTheOlderBatchFails() {
    sendSome(2);
    assertThat(ack(1)).isEmpty();
    window.failed(slots.get(0));
    assertThat(window.pollAcked()).isSameAs(slots.get(1));
    assertThat(window.pollAcked()).isNull();
    assertThat(window.renumberIfDue()).isTrue();
  }

  @Test
  void aHoleIsClosedByTheNextEpochOnceNothingIsOnTheWire() {
    sendSome(3);
    window.failed(slots.get(0));
    assertThat(window.renumberIfDue()).isFalse();
    assertThat(window.sequenceRefused(slots.get(1), false)).isTrue();
    assertThat(window.renumberIfDue()).isFalse();
    assertThat(window.sequenceRefused(slots.get(2), false)).isTrue();
    assertThat(window.renumberIfDue()).isTrue();
    assertThat(slots.get(1).sequence()).isEqualTo(new PartitionSequence(7, (short) 1, 0));
    assertThat(slots.get(2).sequence()).isEqualTo(new PartitionSequence(7, (short) 1, 10));
    assertThat(window.hasRoom(STREAM)).as("those waiting go first").isFalse();
    assertThat(resend(STREAM)).containsExactly("batch 1", "batch 2");
    assertThat(window.hasRoom(STREAM)).isTrue();
  }

  @Test
  void aBatchInDoubtIsOverWhenItsSequenceIsRefused() {
    sendSome(1);
    window.streamBroke(STREAM);
    resend(NEXT_STREAM);
    assertThat(window.sequenceRefused(slots.get(0), false)).isFalse();
    assertThat(slots.get(0).isGone()).isTrue();
    assertThat(window.isEmpty()).isTrue();
  }

  @Test
  void aBatchInDoubtKeepsItsNumberBehindAHole() {
    sendSome(2);
    window.streamBroke(STREAM);
    window.failed(slots.get(0));
    assertThat(window.renumberIfDue()).isFalse();
    assertThat(resend(NEXT_STREAM)).containsExactly("batch 1");
    assertThat(slots.get(1).sequence().nextSequence()).isEqualTo(10);
    assertThat(window.hasRoom(NEXT_STREAM)).isFalse();
    ack(1);
    assertThat(window.renumberIfDue()).isTrue();
    assertThat(window.hasRoom(NEXT_STREAM)).isTrue();
  }

  @Test
  void anIdentityThatIsOverIsReplacedBeforeAnythingGoesOn() {
    sendSome(1);
    assertThat(window.sequenceRefused(slots.get(0), true)).isTrue();
    assertThat(window.renumberIfDue()).isTrue();
    assertThat(window.needsIdentity()).isTrue();
    assertThat(window.nextToSend(STREAM)).isNull();
    window.identify(new ProducerIdentity(8, (short) 0));
    assertThat(slots.get(0).sequence()).isEqualTo(new PartitionSequence(8, (short) 0, 0));
    assertThat(resend(STREAM)).containsExactly("batch 0");
  }

  @Test
  void theLastEpochIsFollowedByANewIdentity() {
    window.identify(new ProducerIdentity(7, Short.MAX_VALUE));
    sendSome(1);
    window.failed(slots.get(0));
    assertThat(window.renumberIfDue()).isTrue();
    assertThat(window.needsIdentity()).isTrue();
  }

  @Test
  void withoutIdempotenceNothingIsNumberedAndAFailureBlocksNobody() {
    InFlightWindow<String> plain = new InFlightWindow<>(2, false);
    Slot<String> slot = plain.admit("batch", 1);
    assertThat(slot.sequence()).isNull();
    plain.sent(slot, STREAM, 0);
    plain.failed(slot);
    assertThat(plain.renumberIfDue()).isFalse();
    assertThat(plain.hasRoom(STREAM)).isTrue();
  }

  @Test
  void aSecondAnswerToTheSameTryIsLoud() {
    sendSome(1);
    ack(0);
    assertThatThrownBy(() -> window.acked(slots.get(0))).isInstanceOf(InvariantViolation.class);
  }

  @Test
  void whatNoLaterLeaderMayHaveIsInDoubtNoMoreWhenALeaderLostTheSequence() {
    sendSome(3);
    window.streamBroke(STREAM);
    window.sent(slots.get(0), NEXT_STREAM, 1);
    window.refused(slots.get(0), false);
    window.sent(slots.get(0), NEXT_STREAM, 1);

    window.sequenceLost(1);
    assertThat(window.sequenceRefused(slots.get(0), false)).isTrue();
    assertThat(window.renumberIfDue()).isTrue();
    assertThat(slots).extracting(slot -> slot.sequence().producerEpoch()).containsOnly((short) 1);
    assertThat(slots).extracting(slot -> slot.sequence().nextSequence()).containsExactly(0, 10, 20);
  }

  @Test
  void whatALaterLeaderMayHaveStaysInDoubt() {
    sendSome(1);
    window.streamBroke(STREAM);
    window.sent(slots.get(0), NEXT_STREAM, 2);
    window.refused(slots.get(0), false);
    window.sent(slots.get(0), NEXT_STREAM, 1);

    window.sequenceLost(1);
    assertThat(window.sequenceRefused(slots.get(0), false)).as("it is over").isFalse();
  }
}
