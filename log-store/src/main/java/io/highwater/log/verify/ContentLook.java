package io.highwater.log.verify;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks whether the records of sound batches can be read. Those that cannot were accepted like
 * that, by {@code records.validation=header} or before there was another: no damage, but readers
 * stop there. One thread.
 */
public final class ContentLook implements AutoCloseable {
  private final RecordCursor records = new RecordCursor();
  private final List<Problem> problems = new ArrayList<>();

  /**
   * Reads all records of a sound batch.
   *
   * @return why they cannot be read; empty when they can
   * @throws HighwaterException UNSUPPORTED_COMPRESSION_TYPE when only this process cannot: the
   *     codec's native library does not load
   */
  public Optional<String> unreadable(BatchView batch) {
    try {
      records.wrap(batch.buffer(), batch.offset());
      boolean more = true;
      while (more) {
        more = records.next();
      }
      return Optional.empty();
    } catch (HighwaterException e) {
      boolean isKnownCodec = (batch.attributes() & BatchLayout.CODEC_MASK) <= Codec.ZSTD.id();
      if (e.code() == ErrorCode.UNSUPPORTED_COMPRESSION_TYPE && isKnownCodec) {
        throw e;
      }
      return Optional.of(e.getMessage());
    }
  }

  /** Takes down if a batch, which begins at {@code position} of {@code file}, cannot be read. */
  void read(BatchView batch, Path file, int position) {
    unreadable(batch)
        .ifPresent(
            why ->
                problems.add(
                    new Problem(
                        file,
                        position,
                        "the records at offsets "
                            + batch.baseOffset()
                            + " to "
                            + batch.lastOffset()
                            + " cannot be read: "
                            + why)));
  }

  /** What cannot be read, in the order of the log. */
  List<Problem> problems() {
    return problems;
  }

  @Override
  public void close() {
    records.close();
  }
}
