package io.highwater.proto;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {

  @Test
  void catalogueAndProtoEnumHaveTheSameNamesAndNumbers() {
    List<String> ours =
        Arrays.stream(ErrorCode.values())
            .map(code -> (code == ErrorCode.NONE ? "UNSPECIFIED" : code.name()) + "=" + code.wire())
            .toList();
    List<String> contract =
        Arrays.stream(io.highwater.proto.v1.ErrorCode.values())
            .filter(code -> code != io.highwater.proto.v1.ErrorCode.UNRECOGNIZED)
            .map(code -> code.name().substring("ERROR_CODE_".length()) + "=" + code.getNumber())
            .toList();

    assertThat(ours).containsExactlyElementsOf(contract);
  }

  @Test
  void everyNumberLeadsBackToItsCode() {
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(ErrorCode.of(code.wire())).isSameAs(code);
    }
  }

  @Test
  void numberOfANewerPeerIsUnknownServerError() {
    assertThat(ErrorCode.of(ErrorCode.values().length)).isSameAs(ErrorCode.UNKNOWN_SERVER_ERROR);
    assertThat(ErrorCode.of(-1)).isSameAs(ErrorCode.UNKNOWN_SERVER_ERROR);
  }

  @Test
  void grpcCodesCarryGrpcsNames() {
    for (ErrorCode.GrpcCode code : ErrorCode.GrpcCode.values()) {
      assertThat(Status.Code.values()).extracting(Enum::name).contains(code.name());
    }
  }

  @Test
  void onlyRetriableErrorsAskForFreshMetadata() {
    assertThat(ErrorCode.values())
        .filteredOn(ErrorCode::refreshMetadata)
        .isNotEmpty()
        .allMatch(ErrorCode::retriable);
  }

  @Test
  void outcomesMatchTheContractAndWhoSaysNoneLeavesItOpen() {
    for (Outcome outcome : Outcome.values()) {
      assertThat(io.highwater.proto.v1.Outcome.forNumber(outcome.wire()).name())
          .isEqualTo("OUTCOME_" + outcome.name());
      assertThat(Outcome.of(outcome.wire(), ErrorCode.STORAGE_FULL)).isSameAs(outcome);
    }
    assertThat(Outcome.of(0, ErrorCode.NONE)).isSameAs(Outcome.DONE);
    assertThat(Outcome.of(0, ErrorCode.NOT_ENOUGH_REPLICAS)).isSameAs(Outcome.UNKNOWN);
    assertThat(Outcome.of(77, ErrorCode.NOT_ENOUGH_REPLICAS)).isSameAs(Outcome.UNKNOWN);
  }

  @Test
  void acksMatchTheContract() {
    for (Acks acks : Acks.values()) {
      assertThat(io.highwater.proto.v1.Acks.forNumber(acks.wire()).name())
          .isEqualTo("ACKS_" + acks.name());
      assertThat(Acks.of(acks.wire())).isSameAs(acks);
    }
    assertThat(Acks.of(0)).isSameAs(Acks.ALL);
  }
}
