package io.highwater.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.client.RetryPolicy.Action;
import io.highwater.proto.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetryPolicyTest {
  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void everyErrorHasItsAction(ErrorCode error) {
    Action action = RetryPolicy.actionOn(error);
    if (error.retriable()) {
      assertThat(action).isEqualTo(Action.RETRY);
    }
    assertThat(action == Action.ACKNOWLEDGE)
        .isEqualTo(error == ErrorCode.NONE || error == ErrorCode.DUPLICATE_SEQUENCE_NUMBER);
  }

  @Test
  void sequencesThatAreRefusedAreNotFailuresYet() {
    assertThat(RetryPolicy.actionOn(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER))
        .isEqualTo(Action.RESEQUENCE);
    assertThat(RetryPolicy.actionOn(ErrorCode.UNKNOWN_PRODUCER_ID)).isEqualTo(Action.RESEQUENCE);
    assertThat(RetryPolicy.actionOn(ErrorCode.PRODUCER_STATE_LOST)).isEqualTo(Action.RESEQUENCE);
    assertThat(RetryPolicy.actionOn(ErrorCode.MESSAGE_TOO_LARGE)).isEqualTo(Action.FAIL);
  }
}
