package io.highwater.log.append;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.RecordCursor;
import org.agrona.DirectBuffer;

/**
 * Looks whether every record of a batch has a key: what has none can never be superseded, so a
 * compacted topic takes no such record (STO-3). It decompresses, which is why only leaders of
 * compacted topics ask. One thread.
 */
final class RecordKeys {
  /**
   * Lets a validated batch pass.
   *
   * @throws HighwaterException INVALID_RECORD when a record has no key; CORRUPT_MESSAGE or
   *     MESSAGE_TOO_LARGE when the records do not decompress
   */
  void requireIn(DirectBuffer buffer, int offset) {
    // Made for each batch: what a codec holds, and large windows, go with it. A window is the
    // largest
    // record and a piece of 4 MiB at most, and comes to 64 MiB only for a record of that size.
    // Reading
    // on behind the keys would need less, but the cleaner must be able to read all of it later
    // (CMP-5), so every record is looked through as the cleaner will, and that is what takes time:
    // up
    // to 64 MiB of inflating for a batch that shrank to nearly nothing.
    try (RecordCursor records = new RecordCursor()) {
      records.wrap(buffer, offset);
      int record = 0;
      while (records.next()) {
        if (!records.hasKey()) {
          throw new HighwaterException(
              ErrorCode.INVALID_RECORD,
              "record " + record + " has no key, and the topic is compacted by key");
        }
        record++;
      }
    }
  }
}
