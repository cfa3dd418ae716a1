package io.highwater.server.grpc;

import io.highwater.replication.OwnerLoop;
import io.highwater.server.fetch.ReaderMemory;

/**
 * What clients may take of a broker's memory, each part with its own bound (INP-1). On the owner
 * loop.
 *
 * @param answers what is on its way to them
 * @param unfinished messages that did not come whole yet
 * @param unread what came on streams that are not read from; within the bound of {@code unfinished}
 */
public record ClientMemory(
    ReaderMemory answers, UnfinishedMessages unfinished, UnreadStreams unread) {
  /**
   * Nothing is taken yet.
   *
   * @param requestBytes what requests may take, unfinished or unread, in all
   * @param maxReceiveMs from a message's first byte, or a unary call's beginning, to its last
   */
  public static ClientMemory of(
      ReaderMemory answers, long requestBytes, long maxReceiveMs, OwnerLoop loop) {
    UnfinishedMessages unfinished = new UnfinishedMessages(requestBytes, maxReceiveMs, loop);
    return new ClientMemory(
        answers, unfinished, new UnreadStreams(requestBytes, unfinished::heldBytes, loop));
  }
}
