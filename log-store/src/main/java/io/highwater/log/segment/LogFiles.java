package io.highwater.log.segment;

import io.highwater.log.io.Storage;
import io.highwater.proto.TopicIdPartition;
import java.nio.file.Path;

/**
 * Where the files of a log are, and whose.
 *
 * @param storage the file system
 * @param directory of the files
 * @param owner the partition, as files of ours say that they belong to it (STO-11)
 */
public record LogFiles(Storage storage, Path directory, TopicIdPartition owner) {}
