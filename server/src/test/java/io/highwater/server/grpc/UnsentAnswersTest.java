package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import org.junit.jupiter.api.Test;

class UnsentAnswersTest {
  private final HighwaterException failure =
      new HighwaterException(ErrorCode.INVALID_REQUEST, "not so");

  private final SlowClient<String> client = new SlowClient<>(2);
  private final UnsentAnswers<String> answers = new UnsentAnswers<>(client);

  UnsentAnswersTest() {
    client.setOnReadyHandler(answers::send);
  }

  private void addThree() {
    answers.add("a");
    answers.add("b");
    answers.add("c");
  }

  @Test
  void whatAClientDoesNotReadWaitsInItsOrder() {
    addThree();
    assertThat(client.sent()).containsExactly("a", "b");
    assertThat(answers.isEmpty()).isFalse();

    client.readAll();
    assertThat(client.sent()).containsExactly("a", "b", "c");
    assertThat(answers.isEmpty()).isTrue();
  }

  @Test
  void theEndComesOnceAndAfterAllAnswers() {
    addThree();
    answers.complete();
    answers.fail(failure);
    answers.add("late");
    assertThat(client.isComplete()).isFalse();
    assertThat(answers.isOver()).isFalse();

    client.readAll();
    assertThat(client.sent()).endsWith("c");
    assertThat(client.isComplete()).isTrue();
    assertThat(answers.isOver()).isTrue();
    answers.complete();
    answers.add("later");
    client.readAll();
  }

  @Test
  void aFailureIsToldByNameAfterAllAnswers() {
    addThree();
    answers.fail(failure);
    answers.complete();
    assertThat(client.failure()).isNull();

    client.readAll();
    assertThat(client.sent()).endsWith("c");
    assertThat(client.failure()).hasMessageContaining("not so");
    assertThat(client.isComplete()).isFalse();
  }

  @Test
  void whoBreaksTheRulesIsToldAtOnce() {
    addThree();
    answers.failNow(failure);
    assertThat(client.sent()).containsExactly("a", "b");
    assertThat(client.failure()).hasMessageContaining("not so");
  }

  @Test
  void whoIsGoneIsToldNothing() {
    addThree();
    answers.drop();
    assertThat(answers.isOver()).isTrue();
    assertThat(answers.isEmpty()).isTrue();
    answers.add("late");
    answers.complete();
    answers.failNow(failure);
    client.readAll();

    assertThat(client.sent()).containsExactly("a", "b");
    assertThat(client.isComplete()).isFalse();
    assertThat(client.failure()).isNull();
  }
}
