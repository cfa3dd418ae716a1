package io.highwater.server.grpc;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.Header;
import io.highwater.proto.v1.Record;

/** What a subscriber has allowed, and what of it is used up: in records and in bytes of content. */
final class SubscribeCredit {
  private static final long UNLIMITED = Long.MAX_VALUE;

  private long records;
  private long bytes;
  private long sentRecords;
  private long sentBytes;

  /**
   * The first grant; what it does not have is not limited.
   *
   * @throws HighwaterException INVALID_REQUEST when it is negative
   */
  void start(Credit credit) {
    records = credit.hasRecords() ? notNegative(credit.getRecords()) : UNLIMITED;
    bytes = credit.hasBytes() ? notNegative(credit.getBytes()) : UNLIMITED;
  }

  /**
   * Grants are cumulative: an older or smaller one changes nothing.
   *
   * @throws HighwaterException INVALID_REQUEST when it is negative
   */
  void grant(Credit credit) {
    records = Math.max(records, notNegative(credit.getRecords()));
    bytes = Math.max(bytes, notNegative(credit.getBytes()));
  }

  private static long notNegative(long credit) {
    if (credit < 0) {
      throw new HighwaterException(ErrorCode.INVALID_REQUEST, "a credit of " + credit);
    }
    return credit;
  }

  /** Records that may still be sent. */
  long recordsLeft() {
    return records - sentRecords;
  }

  /** Bytes that may still be sent. */
  long bytesLeft() {
    return bytes - sentBytes;
  }

  /** The cumulative grant that allows {@code cost} more. */
  long toAllow(long cost) {
    return sentBytes + cost;
  }

  /** Uses credit up. */
  void spend(int moreRecords, long moreBytes) {
    sentRecords += moreRecords;
    sentBytes += moreBytes;
  }

  /** What a record costs in bytes. */
  static int cost(Record record) {
    int cost = record.getKey().size() + record.getValue().size();
    for (Header header : record.getHeadersList()) {
      cost += header.getKeyBytes().size() + header.getValue().size();
    }
    return Math.max(1, cost);
  }
}
