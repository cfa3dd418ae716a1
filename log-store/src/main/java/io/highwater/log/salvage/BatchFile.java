package io.highwater.log.salvage;

import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.proto.record.BatchView;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A new file of sound batches, byte for byte, readable or not. One thread. */
public final class BatchFile implements LogSalvage.Target, Closeable {
  private final StorageFile file;
  private long batches;
  private long bytes;

  /**
   * Makes the file.
   *
   * @throws java.nio.file.FileAlreadyExistsException when there is one
   */
  public BatchFile(Storage storage, Path path) throws IOException {
    file = storage.open(path, Storage.OpenMode.CREATE);
  }

  @Override
  public void batch(BatchView batch, long fromOffset, boolean readable) throws IOException {
    int size = batch.sizeInBytes();
    ByteBuffer source = ByteBuffer.wrap(batch.buffer().byteArray());
    int start = batch.buffer().wrapAdjustment() + batch.offset();
    file.writeFully(source.limit(start + size).position(start), bytes);
    bytes += size;
    batches++;
  }

  /** Makes it survive a power loss. */
  public void complete() throws IOException {
    file.force();
  }

  /** Batches written. */
  public long batches() {
    return batches;
  }

  /** Bytes written. */
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
