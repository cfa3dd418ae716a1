package io.highwater.server.metadata;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * Hands out producer ids from blocks that the metadata log gives to this broker; what is left of a
 * block when the broker stops is lost, and no id is handed out twice (IDM-4). On the owner loop.
 */
public final class ProducerIds {
  private static final int BLOCK = 1_000;

  private final int brokerId;
  private final LongSupplier brokerEpoch;
  private final MetadataLog metadataLog;
  private final OwnerLoop loop;
  private final ArrayDeque<CompletableFuture<Long>> waiting = new ArrayDeque<>();
  private long nextId;
  private long blockEnd;
  private boolean allocating;

  /**
   * @param brokerEpoch the broker's present registration
   */
  public ProducerIds(
      int brokerId, LongSupplier brokerEpoch, MetadataLog metadataLog, OwnerLoop loop) {
    this.brokerId = brokerId;
    this.brokerEpoch = brokerEpoch;
    this.metadataLog = metadataLog;
    this.loop = loop;
  }

  /**
   * A producer and its epoch.
   *
   * @param id unique in the cluster
   * @param epoch of the instance that may write
   */
  public record ProducerIdAndEpoch(long id, short epoch) {}

  /**
   * A new producer in epoch 0, or the next epoch of one that exists.
   *
   * @param producerId -1 for a new producer
   * @param producerEpoch the epoch to raise; one that cannot be raised any more yields a new
   *     producer
   * @return fails with INVALID_REQUEST for an id that was never handed out, or with what kept the
   *     metadata log from giving a block
   */
  public CompletableFuture<ProducerIdAndEpoch> init(long producerId, int producerEpoch) {
    if (producerId >= 0 && producerEpoch >= 0 && producerEpoch < Short.MAX_VALUE - 1) {
      return producerId < metadataLog.image().nextProducerId()
          ? CompletableFuture.completedFuture(
              new ProducerIdAndEpoch(producerId, (short) (producerEpoch + 1)))
          : CompletableFuture.failedFuture(
              new HighwaterException(
                  ErrorCode.INVALID_REQUEST, "producer id " + producerId + " was never given"));
    }
    CompletableFuture<Long> id = new CompletableFuture<>();
    waiting.add(id);
    handOut();
    return id.thenApply(given -> new ProducerIdAndEpoch(given, (short) 0));
  }

  private void handOut() {
    while (nextId < blockEnd && !waiting.isEmpty()) {
      waiting.poll().complete(nextId++);
    }
    if (!waiting.isEmpty() && !allocating) {
      allocating = true;
      metadataLog.submit(
          new MetadataCommand.AllocateProducerIds(brokerId, brokerEpoch.getAsLong(), BLOCK),
          (result, failure) -> loop.execute(() -> allocated(result, failure)));
    }
  }

  private void allocated(CommandResult result, Throwable failure) {
    allocating = false;
    CommandResult.Accepted accepted;
    try {
      if (failure != null) {
        throw failure instanceof HighwaterException named
            ? named
            : new HighwaterException(
                ErrorCode.UNKNOWN_SERVER_ERROR, "no producer ids: " + failure, failure);
      }
      accepted = result.orThrow();
    } catch (HighwaterException e) {
      for (CompletableFuture<Long> id = waiting.poll(); id != null; id = waiting.poll()) {
        id.completeExceptionally(e);
      }
      return;
    }
    nextId = accepted.firstProducerId();
    blockEnd = nextId + BLOCK;
    handOut();
  }
}
