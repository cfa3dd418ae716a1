package io.highwater.client.producer;

import io.highwater.proto.HighwaterException;
import java.util.concurrent.CompletableFuture;

/** A send's future, which is its own callback: one object per record. */
final class SendFuture extends CompletableFuture<RecordMetadata> implements SendCallback {
  @Override
  public void completed(RecordMetadata metadata, HighwaterException failure) {
    if (failure == null) {
      complete(metadata);
    } else {
      completeExceptionally(failure);
    }
  }
}
