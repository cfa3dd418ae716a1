package io.highwater.log;

import java.nio.file.Path;

/** The kinds of files in a data directory. */
enum FileKind {
  SEALED_LOG,
  ACTIVE_LOG,
  OFFSET_INDEX,
  TIME_INDEX,
  TRANSACTION_INDEX,
  SNAPSHOT,
  SNAPSHOT_SIDECAR,
  SEGMENT_MANIFEST,
  LOG_MANIFEST,
  EPOCHS,
  PARTITION_METADATA,
  OFFSET_CHECKPOINT,
  CLEANER_CHECKPOINT,
  RESET_INTENTION,
  CHECKSUM_SIDECAR,
  META_PROPERTIES,
  RUN_MARKER,
  CLEAN_SHUTDOWN;

  static FileKind of(Path file, Path active) {
    String name = file.getFileName().toString();
    if (file.equals(active)) {
      return ACTIVE_LOG;
    }
    if (name.equals("segments.manifest")) {
      return LOG_MANIFEST;
    }
    int dot = name.lastIndexOf('.');
    return switch (dot < 0 ? "" : name.substring(dot)) {
      case ".log" -> SEALED_LOG;
      case ".index" -> OFFSET_INDEX;
      case ".timeindex" -> TIME_INDEX;
      case ".txnindex" -> TRANSACTION_INDEX;
      case ".snapshot" -> SNAPSHOT;
      case ".snapshot-recent" -> SNAPSHOT_SIDECAR;
      case ".manifest" -> SEGMENT_MANIFEST;
      case ".metadata" -> PARTITION_METADATA;
      case ".crc" -> CHECKSUM_SIDECAR;
      case ".properties" -> META_PROPERTIES;
      case ".kafka_cleanshutdown" -> CLEAN_SHUTDOWN;
      default ->
          switch (name) {
            case "leader-epoch-checkpoint" -> EPOCHS;
            case "cleaner-offset-checkpoint" -> CLEANER_CHECKPOINT;
            case "reset-to" -> RESET_INTENTION;
            case "running-broker" -> RUN_MARKER;
            default -> OFFSET_CHECKPOINT;
          };
    };
  }

  /** Says only how the broker stopped. */
  boolean isOfAStop() {
    return this == CLEAN_SHUTDOWN || this == RUN_MARKER;
  }

  /** Cannot be made from anything else. */
  boolean isData() {
    return this == SEALED_LOG || this == ACTIVE_LOG;
  }

  /** Says whose data it is: without it nothing opens. */
  boolean isIdentity() {
    return this == META_PROPERTIES || this == PARTITION_METADATA;
  }
}
