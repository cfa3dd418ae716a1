package io.highwater.server.fetch;

import io.highwater.proto.ErrorCode;
import io.highwater.replication.LogStatus;
import io.highwater.replication.LostRecords;
import io.highwater.server.partition.LeaderHint;
import java.nio.ByteBuffer;

/**
 * What a long poll brought of one partition.
 *
 * @param error NONE, or why this partition could not be read
 * @param text for people; empty on success
 * @param records whole batches between position and limit, or null when there are none
 * @param status where the log stands, or null when it is not here
 * @param leader where to go instead, or null
 * @param lost what the reader has read and is lost, or may be; null when nothing is
 */
public record FetchAnswer(
    ErrorCode error,
    String text,
    ByteBuffer records,
    LogStatus status,
    LeaderHint leader,
    LostRecords lost) {}
