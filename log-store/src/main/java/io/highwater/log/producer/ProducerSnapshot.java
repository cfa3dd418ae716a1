package io.highwater.log.producer;

import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.log.segment.LogFiles;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.proto.TopicIdPartition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Producer state as of an offset, in two files. Kafka's {@code .snapshot} has room for one batch
 * per producer; the sidecar {@code .snapshot-recent} has all five and the append times, for the
 * same producers in the same order, and counts only together with the snapshot that it names by its
 * checksum. Both are derived data: unreadable, or another partition's (STO-11), means "replay from
 * earlier", so they are not synced.
 *
 * <pre>
 * .snapshot          i16 version 1 | u32 CRC32C of all that follows | i32 count
 *                    | count * (i64 producer id, i16 epoch, i32 last sequence, i64 last offset, i32 offset delta,
 *                               i64 timestamp, i32 coordinator epoch, i64 first offset of the transaction)
 * .snapshot-recent   i16 version 2 | u32 CRC32C of all that follows | i64 i64 topic id | i32 partition
 *                    | u32 CRC32C in the .snapshot | i64 offset | i32 count
 *                    | count * (i64 producer id, i16 epoch, i64 last append ms, i8 batches
 *                               | batches * (i32 base sequence, i32 last sequence, i64 base offset, i64 last offset,
 *                                            i64 timestamp))
 * </pre>
 *
 * <p>Version 1 of the sidecar did not say whose it is.
 */
public final class ProducerSnapshot {
  private static final short VERSION = 1;
  private static final short RECENT_VERSION = 2;
  private static final int CRC_POSITION = Short.BYTES;
  private static final int BODY_POSITION = CRC_POSITION + Integer.BYTES;
  private static final int KAFKA_ENTRY_BYTES = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;
  private static final int OWNER_BYTES = 8 + 8 + 4;
  private static final int RECENT_HEADER_BYTES = 4 + 8 + 4;
  private static final int RECENT_ENTRY_BYTES = 8 + 2 + 8 + 1;
  private static final int BATCH_BYTES = 4 + 4 + 8 + 8 + 8;
  private static final int NO_SEQUENCE = -1;
  private static final long NO_OFFSET = -1;
  private static final int MAX_BYTES = 1 << 30;

  /**
   * An entry of Kafka's file.
   *
   * @param producerId producer id
   * @param epoch its epoch
   * @param lastSequence of its last batch; -1 without one
   * @param lastOffset of its last batch; -1 without one
   * @param offsetDelta last offset less base offset of that batch
   * @param timestamp greatest of its last batch, control batches included
   * @param coordinatorEpoch of the last end of a transaction, or {@link
   *     ProducerState#NO_COORDINATOR}
   * @param transactionStart first offset of the open transaction, or {@link
   *     ProducerState#NO_TRANSACTION}
   */
  public record Entry(
      long producerId,
      short epoch,
      int lastSequence,
      long lastOffset,
      int offsetDelta,
      long timestamp,
      int coordinatorEpoch,
      long transactionStart) {
    private ProducedBatch lastBatch() {
      int baseSequence = (lastSequence - offsetDelta) & Integer.MAX_VALUE;
      return new ProducedBatch(
          baseSequence, lastSequence, lastOffset - offsetDelta, lastOffset, timestamp);
    }

    private ProducerState state(List<ProducedBatch> batches, long lastAppendMs) {
      ProducerState state = new ProducerState(producerId, epoch);
      batches.forEach(batch -> state.append(epoch, batch, lastAppendMs));
      state.touch(epoch, timestamp, lastAppendMs);
      state.transaction(coordinatorEpoch, transactionStart);
      return state;
    }
  }

  private ProducerSnapshot() {}

  /** Deletes the snapshot of an offset, if there is one. */
  public static void delete(Storage storage, Path directory, long offset) throws IOException {
    // In this order: without its sidecar a snapshot counts for nothing.
    storage.deleteIfExists(SegmentFiles.path(directory, offset, SegmentFiles.SNAPSHOT_RECENT));
    storage.deleteIfExists(SegmentFiles.path(directory, offset, SegmentFiles.SNAPSHOT));
  }

  /** Writes the state of all producers as of {@code offset}. */
  public static void write(LogFiles files, long offset, ProducerStates states) throws IOException {
    Storage storage = files.storage();
    Path directory = files.directory();
    Collection<ProducerState> all = states.all();
    ByteBuffer kafka = encodeKafka(all);
    ByteBuffer recent = encodeRecent(all, kafka.getInt(CRC_POSITION), files.owner(), offset);
    writeFile(storage, SegmentFiles.path(directory, offset, SegmentFiles.SNAPSHOT), kafka);
    writeFile(storage, SegmentFiles.path(directory, offset, SegmentFiles.SNAPSHOT_RECENT), recent);
  }

  /**
   * Adds the producers of a snapshot to {@code into}, which must be empty.
   *
   * @return false when a file is absent, damaged or another partition's; {@code into} is empty then
   */
  public static boolean load(LogFiles files, long offset, ProducerStates into) throws IOException {
    Path directory = files.directory();
    ByteBuffer kafka =
        body(files.storage(), SegmentFiles.path(directory, offset, SegmentFiles.SNAPSHOT), VERSION);
    ByteBuffer recent =
        recentBody(files, SegmentFiles.path(directory, offset, SegmentFiles.SNAPSHOT_RECENT));
    if (kafka == null || recent == null || recent.remaining() < RECENT_HEADER_BYTES) {
      return false;
    }
    int snapshotCrc = kafka.getInt(CRC_POSITION);
    List<Entry> entries = decodeKafka(kafka);
    if (entries == null
        || recent.getInt() != snapshotCrc
        || recent.getLong() != offset
        || !decodeRecent(recent, entries, into)) {
      into.clear();
      return false;
    }
    return true;
  }

  /**
   * As {@link #load}, from a snapshot that Kafka wrote, or whose sidecar is lost: one that has a
   * sound sidecar does not belong to it. It knows one batch per producer, and the producer's clock
   * has to stand for the time of the append, yet for none to come.
   */
  public static boolean loadKafka(LogFiles files, long offset, long nowMs, ProducerStates into)
      throws IOException {
    Storage storage = files.storage();
    Path sidecar = SegmentFiles.path(files.directory(), offset, SegmentFiles.SNAPSHOT_RECENT);
    if (body(storage, sidecar, RECENT_VERSION) != null || body(storage, sidecar, VERSION) != null) {
      return false;
    }
    List<Entry> entries =
        readKafka(storage, SegmentFiles.path(files.directory(), offset, SegmentFiles.SNAPSHOT));
    if (entries == null) {
      return false;
    }
    for (Entry entry : entries) {
      List<ProducedBatch> batches = entry.lastOffset() < 0 ? List.of() : List.of(entry.lastBatch());
      into.restore(entry.state(batches, Math.min(nowMs, entry.timestamp())));
    }
    return true;
  }

  /** The entries of a Kafka snapshot file; null when it does not read. */
  public static List<Entry> readKafka(Storage storage, Path file) throws IOException {
    ByteBuffer body = body(storage, file, VERSION);
    return body == null ? null : decodeKafka(body);
  }

  private static List<Entry> decodeKafka(ByteBuffer body) {
    if (body.remaining() < Integer.BYTES) {
      return null;
    }
    int count = body.getInt();
    if (count < 0 || (long) count * KAFKA_ENTRY_BYTES != body.remaining()) {
      return null;
    }
    List<Entry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(
          new Entry(
              body.getLong(),
              body.getShort(),
              body.getInt(),
              body.getLong(),
              body.getInt(),
              body.getLong(),
              body.getInt(),
              body.getLong()));
    }
    return entries;
  }

  private static ByteBuffer encodeKafka(Collection<ProducerState> all) {
    int bytes = BODY_POSITION + Integer.BYTES + all.size() * KAFKA_ENTRY_BYTES;
    ByteBuffer buffer = ByteBuffer.allocate(bytes).position(BODY_POSITION);
    buffer.putInt(all.size());
    for (ProducerState state : all) {
      buffer.putLong(state.producerId()).putShort(state.epoch());
      if (state.isEmpty()) {
        buffer.putInt(NO_SEQUENCE).putLong(NO_OFFSET).putInt(0);
      } else {
        ProducedBatch last = state.last();
        buffer.putInt(last.lastSequence()).putLong(last.lastOffset());
        buffer.putInt((int) (last.lastOffset() - last.baseOffset()));
      }
      buffer.putLong(state.lastTimestamp());
      buffer.putInt(state.coordinatorEpoch()).putLong(state.transactionStart());
    }
    return sealed(buffer, VERSION);
  }

  private static ByteBuffer encodeRecent(
      Collection<ProducerState> all, int snapshotCrc, TopicIdPartition owner, long offset) {
    int most = RECENT_ENTRY_BYTES + ProducerState.MAX_BATCHES * BATCH_BYTES;
    ByteBuffer buffer =
        ByteBuffer.allocate(BODY_POSITION + OWNER_BYTES + RECENT_HEADER_BYTES + all.size() * most)
            .position(BODY_POSITION);
    buffer.putLong(owner.topicId().getMostSignificantBits());
    buffer.putLong(owner.topicId().getLeastSignificantBits()).putInt(owner.partition());
    buffer.putInt(snapshotCrc).putLong(offset).putInt(all.size());
    for (ProducerState state : all) {
      List<ProducedBatch> batches = state.batches();
      buffer.putLong(state.producerId()).putShort(state.epoch());
      buffer.putLong(state.lastAppendMs()).put((byte) batches.size());
      for (ProducedBatch batch : batches) {
        buffer.putInt(batch.baseSequence()).putInt(batch.lastSequence());
        buffer.putLong(batch.baseOffset()).putLong(batch.lastOffset()).putLong(batch.timestamp());
      }
    }
    return sealed(buffer, RECENT_VERSION);
  }

  private static boolean decodeRecent(ByteBuffer body, List<Entry> entries, ProducerStates into) {
    if (body.getInt() != entries.size()) {
      return false;
    }
    for (Entry entry : entries) {
      if (body.remaining() < RECENT_ENTRY_BYTES
          || body.getLong() != entry.producerId()
          || body.getShort() != entry.epoch()) {
        return false;
      }
      long lastAppendMs = body.getLong();
      int count = body.get();
      if (count < 0 || body.remaining() < count * BATCH_BYTES) {
        return false;
      }
      List<ProducedBatch> batches = new ArrayList<>(ProducerState.MAX_BATCHES);
      for (int i = 0; i < count; i++) {
        batches.add(
            new ProducedBatch(
                body.getInt(), body.getInt(), body.getLong(), body.getLong(), body.getLong()));
      }
      into.restore(entry.state(batches, lastAppendMs));
    }
    return !body.hasRemaining();
  }

  private static ByteBuffer sealed(ByteBuffer buffer, short version) {
    buffer.flip().putShort(0, version);
    buffer.putInt(CRC_POSITION, bodyCrc(buffer));
    return buffer;
  }

  private static int bodyCrc(ByteBuffer file) {
    return SegmentManifest.crcOf(file.duplicate().position(BODY_POSITION));
  }

  /** The sidecar, if it is sound and not another partition's, behind what says so; else null. */
  private static ByteBuffer recentBody(LogFiles files, Path file) throws IOException {
    ByteBuffer recent = body(files.storage(), file, RECENT_VERSION);
    if (recent == null) {
      return body(files.storage(), file, VERSION);
    }
    TopicIdPartition owner = files.owner();
    boolean own =
        recent.remaining() >= OWNER_BYTES
            && recent.getLong() == owner.topicId().getMostSignificantBits()
            && recent.getLong() == owner.topicId().getLeastSignificantBits()
            && recent.getInt() == owner.partition();
    return own ? recent : null;
  }

  /** A file whose version and checksum are right, positioned at its body; else null. */
  private static ByteBuffer body(Storage storage, Path file, short version) throws IOException {
    ByteBuffer content;
    try {
      content = ByteBuffer.wrap(storage.readAll(file, MAX_BYTES));
    } catch (NoSuchFileException e) {
      return null;
    }
    if (content.limit() < BODY_POSITION
        || content.getShort(0) != version
        || content.getInt(CRC_POSITION) != bodyCrc(content)) {
      return null;
    }
    return content.position(BODY_POSITION);
  }

  private static void writeFile(Storage storage, Path file, ByteBuffer content) throws IOException {
    try (StorageFile open = storage.open(file, Storage.OpenMode.CREATE_OR_WRITE)) {
      int size = content.remaining();
      open.writeFully(content, 0);
      if (open.size() > size) {
        open.truncate(size);
      }
    }
  }
}
