package io.highwater.server.grpc;

import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.highwater.replication.AppendReceipt;
import io.highwater.server.produce.AppendOutcome;

/** Answers to appends as {@code produce.proto} says them. */
final class ProduceMessages {
  private static final long NO_OFFSET = -1;

  private ProduceMessages() {}

  static ProduceAck ack(long correlationId, AppendOutcome outcome) {
    ProduceAck.Builder ack =
        ProduceAck.newBuilder()
            .setCorrelationId(correlationId)
            .setError(Messages.error(outcome.error()))
            .setOutcome(Messages.outcome(outcome.outcome()))
            .setErrorMessage(outcome.text());
    if (outcome.leader() != null) {
      ack.setLeader(Messages.leader(outcome.leader()));
    }
    AppendReceipt receipt = outcome.receipt();
    if (receipt == null) {
      return ack.setBaseOffset(NO_OFFSET).build();
    }
    return ack.setBaseOffset(receipt.baseOffset())
        .setStatus(Messages.status(receipt.status()))
        .setReplicas(receipt.replicas())
        .setFsynced(receipt.fsynced())
        .setDuplicate(receipt.duplicate())
        .build();
  }

  static ProduceStreamResponse frame(ProduceAck ack) {
    return ProduceStreamResponse.newBuilder().setAck(ack).build();
  }

  /** Credit in bytes; records are not counted. */
  static Credit credit(long bytes) {
    return Credit.newBuilder().setBytes(bytes).setRecords(Long.MAX_VALUE).build();
  }
}
