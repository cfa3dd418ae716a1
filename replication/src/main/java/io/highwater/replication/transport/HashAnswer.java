package io.highwater.replication.transport;

import java.util.Objects;

/**
 * What a follower holds of a range of offsets.
 *
 * @param id of the question
 * @param sha256 of its batches as they are stored, in hexadecimal digits; empty when the follower
 *     cannot tell
 * @param problem for people: why it cannot; else empty
 */
public record HashAnswer(long id, String sha256, String problem) {
  public HashAnswer {
    Objects.requireNonNull(sha256, "sha256");
    Objects.requireNonNull(problem, "problem");
  }

  /** The follower holds this. */
  public static HashAnswer of(long id, String sha256) {
    return new HashAnswer(id, sha256, "");
  }

  /** The follower cannot tell. */
  public static HashAnswer none(long id, String problem) {
    return new HashAnswer(id, "", problem);
  }

  /** Whether it says what the follower holds. */
  public boolean tells() {
    return !sha256.isEmpty();
  }
}
