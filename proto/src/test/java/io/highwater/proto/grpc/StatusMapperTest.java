package io.highwater.proto.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.v1.LeaderHint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusMapperTest {

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void everyErrorCrossesTheWireAndBack(ErrorCode code) {
    StatusRuntimeException sent =
        StatusMapper.toException(new HighwaterException(code, "what went wrong"));

    assertThat(sent.getStatus().getCode().name()).isEqualTo(code.grpcCode().name());
    HighwaterException received = StatusMapper.fromThrowable(sent);
    assertThat(received.code()).isSameAs(code);
    assertThat(received).hasMessage("what went wrong");
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED", "UNKNOWN"})
  void whatBecameOfAChangeCrossesTheWireWhateverItsError(Outcome outcome) {
    HighwaterException failure =
        new HighwaterException(ErrorCode.STORAGE_FULL, outcome, "what went wrong", null);

    assertThat(StatusMapper.fromThrowable(StatusMapper.toException(failure)).outcome())
        .isEqualTo(outcome);
  }

  @Test
  void aStatusThatDoesNotSayWhatBecameOfAChangeLeavesItOpen() {
    assertThat(StatusMapper.fromThrowable(Status.INVALID_ARGUMENT.asRuntimeException()).outcome())
        .isEqualTo(Outcome.UNKNOWN);
  }

  @Test
  void leaderHintTravelsInATrailer() {
    LeaderHint hint =
        LeaderHint.newBuilder().setNodeId(2).setHost("b2").setPort(9).setLeaderEpoch(4).build();
    StatusRuntimeException sent =
        StatusMapper.toException(
            new HighwaterException(ErrorCode.NOT_LEADER_OR_FOLLOWER, "not here"), hint);

    assertThat(StatusMapper.leaderHint(sent)).isEqualTo(hint);
    assertThat(
            StatusMapper.leaderHint(
                StatusMapper.toException(new HighwaterException(ErrorCode.NONE, "none"))))
        .isNull();
  }

  @Test
  void garbledHintIsNoHint() {
    Metadata trailers = new Metadata();
    trailers.put(StatusMapper.LEADER, new byte[] {10, 127});

    assertThat(StatusMapper.leaderHint(Status.ABORTED.asRuntimeException(trailers))).isNull();
  }

  @ParameterizedTest
  @EnumSource(Status.Code.class)
  void statusOfAnotherServerIsReadByItsCode(Status.Code code) {
    ErrorCode read = StatusMapper.fromThrowable(Status.fromCode(code).asRuntimeException()).code();

    assertThat(read).isNotNull();
    assertThat(read.retriable())
        .isEqualTo(
            code == Status.Code.UNAVAILABLE
                || code == Status.Code.CANCELLED
                || code == Status.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void errorNameOfANewerServerFallsBackToTheStatus() {
    Metadata trailers = new Metadata();
    trailers.put(StatusMapper.ERROR, "FROM_THE_FUTURE");

    assertThat(StatusMapper.fromThrowable(Status.UNAVAILABLE.asRuntimeException(trailers)).code())
        .isEqualTo(ErrorCode.NETWORK_EXCEPTION);
  }

  @Test
  void theLackOfMemoryForAMessageIsToldAsSuch() {
    HighwaterException error =
        StatusMapper.fromThrowable(
            Status.CANCELLED
                .withDescription("Failed to read message.")
                .withCause(new OutOfMemoryError("Java heap space"))
                .asRuntimeException());

    assertThat(error.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    assertThat(error).hasMessageContaining("memory").hasMessageContaining("Java heap space");
  }
}
