package io.highwater.replication.control;

import com.google.protobuf.InvalidProtocolBufferException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.internal.v1.MetadataResult;
import io.highwater.proto.internal.v1.PartitionRefusalRecord;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.CommandResult.PartitionRefusal;
import io.highwater.replication.control.CommandResult.Rejected;

/** Results as they travel back to whoever submitted the command. */
public final class ResultCodec {
  private ResultCodec() {}

  /** The result's bytes. */
  public static byte[] encode(CommandResult result) {
    MetadataResult.Builder out = MetadataResult.newBuilder().setIndex(result.index());
    if (result instanceof Rejected rejected) {
      out.setErrorValue(rejected.error().wire()).setText(rejected.text());
    } else if (result instanceof Accepted accepted) {
      out.setBrokerEpoch(accepted.brokerEpoch()).setFirstProducerId(accepted.firstProducerId());
      for (PartitionRefusal refusal : accepted.refusals()) {
        out.addRefusals(
            PartitionRefusalRecord.newBuilder()
                .setTopicId(UuidBytes.of(refusal.topicId()))
                .setPartition(refusal.partition())
                .setErrorValue(refusal.error().wire())
                .setText(refusal.text()));
      }
    }
    return out.build().toByteArray();
  }

  /**
   * Reads a result back.
   *
   * @throws IllegalArgumentException when the bytes are none
   */
  public static CommandResult decode(byte[] bytes) {
    MetadataResult in;
    try {
      in = MetadataResult.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a metadata result", e);
    }
    if (in.getErrorValue() != ErrorCode.NONE.wire()) {
      return new Rejected(in.getIndex(), ErrorCode.of(in.getErrorValue()), in.getText());
    }
    return new Accepted(
        in.getIndex(),
        in.getBrokerEpoch(),
        in.getFirstProducerId(),
        in.getRefusalsList().stream()
            .map(
                refusal ->
                    new PartitionRefusal(
                        UuidBytes.uuid(refusal.getTopicId()),
                        refusal.getPartition(),
                        ErrorCode.of(refusal.getErrorValue()),
                        refusal.getText()))
            .toList());
  }
}
