package io.highwater.log.recover;

import io.highwater.log.LogContext;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.verify.SegmentCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** Checks the bytes of a log's segments beside each other; the order of the log comes after. */
final class ByteChecks {
  private ByteChecks() {}

  /** One check per segment, each at the segment's end or its first problem. */
  static List<SegmentCheck> of(LogContext context, List<Long> bases, boolean gaps)
      throws IOException {
    try {
      return bases.parallelStream().map(base -> check(context, base, gaps)).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static SegmentCheck check(LogContext context, long base, boolean gaps) {
    SegmentCheck check =
        new SegmentCheck(
            context.storage(),
            SegmentFiles.path(context.directory(), base, SegmentFiles.LOG),
            base,
            Optional.empty(),
            gaps);
    try {
      while (!check.isDone()) {
        check.step(Long.MAX_VALUE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return check;
  }
}
