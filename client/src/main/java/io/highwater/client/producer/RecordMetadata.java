package io.highwater.client.producer;

/**
 * The receipt of a record: where it is and how durable it was when the leader answered.
 *
 * @param topic its topic
 * @param partition its partition
 * @param offset its offset, or {@link #NO_OFFSET}
 * @param timestamp it was sent with, ms since 1970
 * @param leaderEpoch of the leader that answered, or -1
 * @param replicas in-sync replicas that held it, the leader included; 0 with acks none
 * @param fsynced of these, replicas that had fsynced it
 * @param duplicate whether an earlier try of the batch had been appended (IDM-2)
 */
public record RecordMetadata(
    String topic,
    int partition,
    long offset,
    long timestamp,
    int leaderEpoch,
    int replicas,
    int fsynced,
    boolean duplicate) {
  /** Stands for an unknown offset: with acks none, or after a repeat too old to be looked up. */
  public static final long NO_OFFSET = -1;
}
