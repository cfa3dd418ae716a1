package io.highwater.server.pubsub;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.Outcome;

/**
 * What became of one published record.
 *
 * @param partition where it went; -1 when it went nowhere
 * @param offset of the record; -1 on failure or with acks=0
 * @param error NONE on success
 * @param outcome DONE exactly on success (ACK-2)
 * @param text for people; empty on success
 * @param replicas that hold it
 * @param fsynced how many of these fsynced it
 */
public record Receipt(
    int partition,
    long offset,
    ErrorCode error,
    Outcome outcome,
    String text,
    int replicas,
    int fsynced) {
  static final int NOWHERE = -1;

  static Receipt failed(int partition, ErrorCode error, Outcome outcome, String text) {
    return new Receipt(partition, NOWHERE, error, outcome, text, 0, 0);
  }
}
