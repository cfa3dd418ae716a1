package io.highwater.log;

import io.highwater.proto.TopicPartition;
import java.io.IOException;

/**
 * What a log asks of its directory's checkpoint files before it takes records away, so that no
 * checkpoint on disk claims more than the log holds (REC-5). Both calls are durable on return.
 */
public interface LogCheckpoints {

  /** The log start that is on disk: an opening after a crash begins nowhere before it. */
  long logStart(TopicPartition partition);

  /** Lowers the recovery point and high watermark of a log that will end at {@code endOffset}. */
  void cutTo(TopicPartition partition, long endOffset) throws IOException;

  /** Below which a log was cleaned by compaction; 0 when that is unknown. */
  long cleanedTo(TopicPartition partition);

  /** Notes below which a log was cleaned; durable on return, and lowered by {@link #cutTo}. */
  void cleanedTo(TopicPartition partition, long offset) throws IOException;

  /** Sets every offset of a log that will be empty at {@code offset}. */
  void resetTo(TopicPartition partition, long offset) throws IOException;
}
