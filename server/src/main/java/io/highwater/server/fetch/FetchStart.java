package io.highwater.server.fetch;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.ReaderPosition;

/**
 * Where a client wants to read one partition.
 *
 * @param id the partition
 * @param currentLeaderEpoch the epoch that the client believes in, or -1
 * @param offset the first offset wanted
 * @param lastFetchedEpoch leader epoch of the record before it, or -1
 * @param maxBytes of one answer or frame; one batch may exceed it
 * @param fromFollower whether an in-sync follower may send it (KIP-392); streams only
 * @param offsetEpoch without {@code lastFetchedEpoch}: the leader epoch in which the client was
 *     told this offset, or -1
 */
public record FetchStart(
    TopicIdPartition id,
    int currentLeaderEpoch,
    long offset,
    int lastFetchedEpoch,
    int maxBytes,
    boolean fromFollower,
    int offsetEpoch) {

  /** Where the reader stands, and what it knows of how it came there. */
  ReaderPosition position() {
    return new ReaderPosition(offset, lastFetchedEpoch, offsetEpoch);
  }
}
