package io.highwater.proto;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class InvariantTest {

  @Test
  void brokenRuleIsNamedWithItsValues() {
    assertThatThrownBy(() -> Invariant.check(false, "REP-5 start <= end", 7, 5))
        .isInstanceOf(InvariantViolation.class)
        .hasMessage("REP-5 start <= end [7, 5]");
  }

  @Test
  void ruleThatHoldsPassesSilently() {
    assertThatCode(() -> Invariant.check(true, "REP-5 start <= end", 5, 7))
        .doesNotThrowAnyException();
  }
}
