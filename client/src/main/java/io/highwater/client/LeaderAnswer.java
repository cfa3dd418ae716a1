package io.highwater.client;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.Outcome;

/**
 * What a broker says to a question that is for a partition's leader.
 *
 * @param error NONE, or why there is no value
 * @param outcome what became of a change; DONE exactly on success
 * @param message for people; empty on success
 * @param value the answer, or null on an error
 * @param leader who to ask instead, or null
 * @param <T> type of the value
 */
public record LeaderAnswer<T>(
    ErrorCode error, Outcome outcome, String message, T value, LeaderHint leader) {
  /** An answer to a question that changes nothing. */
  public LeaderAnswer(ErrorCode error, String message, T value, LeaderHint leader) {
    this(error, error.outcome(), message, value, leader);
  }
}
