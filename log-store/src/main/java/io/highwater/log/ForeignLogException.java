package io.highwater.log;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.util.Optional;

/**
 * A partition's directory, or a file in it, is another's: nothing of it is served (STO-11). What is
 * there may be the only copy of something else, so it is never deleted.
 */
public final class ForeignLogException extends HighwaterException {
  private static final long serialVersionUID = 1L;

  private final transient TopicPartition owner;

  /**
   * @param owner whose the directory is, or null when that is not known
   * @param message which file, what was expected and what was found
   */
  public ForeignLogException(TopicPartition owner, String message) {
    super(ErrorCode.KAFKA_STORAGE_ERROR, message);
    this.owner = owner;
  }

  /** Whose the directory is; empty when only files in it are another's, or nobody knows whose. */
  public Optional<TopicPartition> owner() {
    return Optional.ofNullable(owner);
  }
}
