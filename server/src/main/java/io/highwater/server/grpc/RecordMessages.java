package io.highwater.server.grpc;

import com.google.protobuf.ByteString;
import io.highwater.proto.record.RecordCursor;
import io.highwater.proto.record.RecordHeader;
import io.highwater.proto.v1.Header;
import io.highwater.proto.v1.PublishReceipt;
import io.highwater.proto.v1.PublishResponse;
import io.highwater.proto.v1.Record;
import io.highwater.proto.v1.SubscribedRecord;
import io.highwater.server.pubsub.NewRecord;
import io.highwater.server.pubsub.Receipt;
import java.util.List;

/** Single records as {@code pubsub.proto} says them. */
final class RecordMessages {
  private RecordMessages() {}

  static NewRecord newRecord(Record record) {
    return new NewRecord(
        record.hasKey() ? record.getKey().toByteArray() : null,
        record.hasValue() ? record.getValue().toByteArray() : null,
        record.getHeadersList().stream().map(RecordMessages::header).toList(),
        record.getTimestamp());
  }

  private static RecordHeader header(Header header) {
    return new RecordHeader(
        header.getKey(), header.hasValue() ? header.getValue().toByteArray() : null);
  }

  static PublishResponse response(List<Receipt> receipts) {
    PublishResponse.Builder response = PublishResponse.newBuilder();
    for (Receipt receipt : receipts) {
      response.addReceipts(
          PublishReceipt.newBuilder()
              .setPartition(receipt.partition())
              .setOffset(receipt.offset())
              .setError(Messages.error(receipt.error()))
              .setOutcome(Messages.outcome(receipt.outcome()))
              .setErrorMessage(receipt.text())
              .setReplicas(receipt.replicas())
              .setFsynced(receipt.fsynced()));
    }
    return response.build();
  }

  /** The record that the cursor is at, in a batch of a leader epoch. */
  static SubscribedRecord subscribed(RecordCursor cursor, int leaderEpoch) {
    Record.Builder record = Record.newBuilder().setTimestamp(cursor.timestamp());
    if (cursor.hasKey()) {
      record.setKey(ByteString.copyFrom(cursor.key()));
    }
    if (cursor.hasValue()) {
      record.setValue(ByteString.copyFrom(cursor.value()));
    }
    for (RecordHeader header : cursor.headers()) {
      Header.Builder message = Header.newBuilder().setKey(header.key());
      record.addHeaders(
          header.value() == null ? message : message.setValue(ByteString.copyFrom(header.value())));
    }
    return SubscribedRecord.newBuilder()
        .setOffset(cursor.offset())
        .setRecord(record)
        .setLeaderEpoch(leaderEpoch)
        .build();
  }
}
