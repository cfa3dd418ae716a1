package io.highwater.client;

import io.highwater.proto.ErrorCode;

/**
 * What a broker says to a question that is for a partition's leader.
 *
 * @param error NONE, or why there is no value
 * @param message for people; empty on success
 * @param value the answer, or null on an error
 * @param leader who to ask instead, or null
 * @param <T> type of the value
 */
public record LeaderAnswer<T>(ErrorCode error, String message, T value, LeaderHint leader) {}
