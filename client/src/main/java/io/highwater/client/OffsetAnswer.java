package io.highwater.client;

import io.highwater.proto.ErrorCode;

/**
 * The answer to an {@link OffsetQuery}.
 *
 * @param error NONE, or why there is no listing
 * @param message for people; empty on success
 * @param listing what was found, or null on an error
 * @param leader who to ask instead, or null
 */
public record OffsetAnswer(
    ErrorCode error, String message, OffsetListing listing, LeaderHint leader) {}
