package io.highwater.proto.record;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/**
 * Zstd frames, inflated in one go where they do not grow much, which takes half the time for small
 * batches; else in a stream, so that a few bytes never cost much memory.
 */
final class ZstdSource implements BlockSource {
  /**
   * 8 MiB, the window of zstd's level 19: a frame that declares more is refused before it is paid
   * for.
   */
  private static final int MAX_WINDOW_LOG = 23;

  private static final int PIECE_BYTES = 64 * 1024;

  /** Ordinary records shrink to a third, repetitive ones to a tenth. */
  private static final int[] RATIOS = {4, 16};

  private static final int MAX_BYTES_AT_ONCE = 4 * 1024 * 1024;

  private final byte[] input;
  private final int start;
  private final int length;
  private boolean done;
  private ZstdInputStreamNoFinalizer stream;

  ZstdSource(byte[] input, int start, int length) {
    this.input = input;
    this.start = start;
    this.length = length;
  }

  @Override
  public boolean inflateInto(RecordBytes target) throws IOException {
    if (done) {
      return false;
    }
    if (stream == null) {
      for (int ratio : RATIOS) {
        if (inflateAtOnce(target, ratio)) {
          done = true;
          return true;
        }
      }
      stream =
          new ZstdInputStreamNoFinalizer(
                  new ByteArrayInputStream(input, start, length), RecyclingBufferPool.INSTANCE)
              .setLongMax(MAX_WINDOW_LOG);
    }
    byte[] room = target.reserve(PIECE_BYTES);
    int count = stream.read(room, target.limit(), room.length - target.limit());
    done = count < 0;
    if (!done) {
      target.inflated(count);
    }
    return !done;
  }

  /** False when it inflates to more than {@code ratio} times its bytes, or to nothing. */
  private boolean inflateAtOnce(RecordBytes target, int ratio) {
    int most = (int) Math.min((long) ratio * length, Math.min(target.budget(), MAX_BYTES_AT_ONCE));
    byte[] room = target.reserve(most);
    try {
      int count = (int) Zstd.decompressByteArray(room, target.limit(), most, input, start, length);
      target.inflated(count);
      return count > 0;
    } catch (ZstdException e) {
      if (e.getErrorCode() == Zstd.errDstSizeTooSmall()) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    if (stream != null) {
      stream.close();
    }
  }
}
