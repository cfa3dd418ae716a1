package io.highwater.server.partition;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.Optional;

/** A request about one partition that this broker does not fulfil, with the leader if known. */
public final class PartitionException extends HighwaterException {
  private static final long serialVersionUID = 1L;

  private final transient LeaderHint leader;

  /**
   * @param code why
   * @param text for people
   * @param leader who would serve it, or null
   */
  public PartitionException(ErrorCode code, String text, LeaderHint leader) {
    super(code, text);
    this.leader = leader;
  }

  /** Who would serve the request. */
  public Optional<LeaderHint> leader() {
    return Optional.ofNullable(leader);
  }
}
