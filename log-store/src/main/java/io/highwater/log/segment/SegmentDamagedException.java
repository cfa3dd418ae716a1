package io.highwater.log.segment;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;

/** KAFKA_STORAGE_ERROR: the file of a sealed segment is not the one that was sealed (REC-3). */
public final class SegmentDamagedException extends HighwaterException {
  private static final long serialVersionUID = 1L;

  /** Names the file, the position and what is wrong there. */
  public SegmentDamagedException(String what) {
    super(ErrorCode.KAFKA_STORAGE_ERROR, what);
  }
}
