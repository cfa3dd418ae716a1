package io.highwater.log.dump;

import io.highwater.log.index.AbortedTransaction;
import io.highwater.log.index.OffsetIndex;
import io.highwater.log.index.TimeIndex;
import io.highwater.log.index.TransactionIndex;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.log.producer.ProducerSnapshot;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentScanner;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Writes the content of log files as text, a line per batch, record or entry. Works on files of a
 * running broker too: it takes no lock, and the end of a file may be in the middle of a write then.
 */
public final class SegmentDump {
  private static final List<String> SEGMENT_SUFFIXES =
      List.of(
          SegmentFiles.LOG,
          SegmentFiles.INDEX,
          SegmentFiles.TIME_INDEX,
          SegmentFiles.TRANSACTION_INDEX,
          SegmentFiles.SNAPSHOT);
  private static final int MAX_SMALL_FILE_BYTES = 64 << 20;

  private final Storage storage;
  private final boolean withRecords;
  private final Appendable out;

  /**
   * A dump to {@code out}.
   *
   * @param withRecords whether records are listed below their batches
   */
  public SegmentDump(Storage storage, boolean withRecords, Appendable out) {
    this.storage = storage;
    this.withRecords = withRecords;
    this.out = out;
  }

  /** Whether a file of this name can be dumped. */
  public static boolean knows(Path file) {
    String name = file.getFileName().toString();
    return SEGMENT_SUFFIXES.stream().anyMatch(s -> SegmentFiles.offsetOf(name, s).isPresent())
        || name.endsWith("-checkpoint")
        || name.equals("partition.metadata")
        || name.equals("meta.properties");
  }

  /**
   * Dumps a file, or all files of a directory that can be dumped.
   *
   * @return true when everything was sound
   * @throws HighwaterException INVALID_REQUEST when it is a file of an unknown kind
   */
  public boolean dump(Path fileOrDirectory) throws IOException {
    if (!storage.isDirectory(fileOrDirectory)) {
      return dumpFile(fileOrDirectory);
    }
    boolean sound = true;
    for (String name : storage.list(fileOrDirectory)) {
      Path child = fileOrDirectory.resolve(name);
      if (storage.isDirectory(child) || knows(child)) {
        sound &= dump(child);
      }
    }
    return sound;
  }

  private boolean dumpFile(Path file) throws IOException {
    if (!knows(file)) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST, file + " is no file of a log that can be dumped");
    }
    line("Dumping " + file);
    String name = file.getFileName().toString();
    if (name.endsWith(SegmentFiles.LOG)) {
      return dumpLog(file, baseOffset(name, SegmentFiles.LOG));
    }
    if (name.endsWith(SegmentFiles.TIME_INDEX)) {
      return dumpTimeIndex(file, baseOffset(name, SegmentFiles.TIME_INDEX));
    }
    if (name.endsWith(SegmentFiles.TRANSACTION_INDEX)) {
      return dumpTransactionIndex(file);
    }
    if (name.endsWith(SegmentFiles.INDEX)) {
      return dumpIndex(file, baseOffset(name, SegmentFiles.INDEX));
    }
    return name.endsWith(SegmentFiles.SNAPSHOT) ? dumpSnapshot(file) : dumpText(file);
  }

  private static long baseOffset(String name, String suffix) {
    return SegmentFiles.offsetOf(name, suffix).orElseThrow();
  }

  private boolean dumpLog(Path file, long baseOffset) throws IOException {
    try (StorageFile log = storage.open(file, Storage.OpenMode.READ);
        RecordDump records = new RecordDump(out)) {
      int size = (int) Math.min(log.size(), Integer.MAX_VALUE);
      SegmentScanner scan = new SegmentScanner(log, 0, size, SegmentScanner.Depth.WHOLE);
      boolean sound = true;
      long expected = baseOffset;
      while (scan.next()) {
        BatchView batch = scan.batch();
        boolean valid = batch.crcMatches();
        boolean continues = batch.baseOffset() >= expected;
        line(describe(batch, scan.position(), valid) + (continues ? "" : " OUT OF ORDER"));
        if (withRecords && valid) {
          sound &= records.dump(batch);
        }
        sound &= valid && continues;
        expected = batch.nextOffset();
      }
      if (scan.problem() != null) {
        line(
            "position: "
                + scan.position()
                + " NOT A BATCH: "
                + scan.problem()
                + " ("
                + (size - scan.position())
                + " bytes left)");
        return false;
      }
      return sound;
    }
  }

  private static String describe(BatchView batch, int position, boolean valid) {
    String codec;
    try {
      codec = batch.codec().name().toLowerCase(Locale.ROOT);
    } catch (HighwaterException e) {
      codec = "unknown";
    }
    return "baseOffset: "
        + batch.baseOffset()
        + " lastOffset: "
        + batch.lastOffset()
        + " count: "
        + batch.recordCount()
        + " leaderEpoch: "
        + batch.leaderEpoch()
        + " producerId: "
        + batch.producerId()
        + " producerEpoch: "
        + batch.producerEpoch()
        + " baseSequence: "
        + batch.baseSequence()
        + " lastSequence: "
        + batch.lastSequence()
        + " isTransactional: "
        + batch.isTransactional()
        + " isControl: "
        + batch.isControl()
        + " position: "
        + position
        + " maxTimestamp: "
        + batch.maxTimestamp()
        + " size: "
        + batch.sizeInBytes()
        + " codec: "
        + codec
        + " crc: "
        + batch.crc()
        + (valid ? " valid" : " INVALID");
  }

  private boolean dumpIndex(Path file, long baseOffset) throws IOException {
    ByteBuffer content = content(file);
    OffsetIndex index = OffsetIndex.decode(content.duplicate());
    for (int i = 0; i < index.count(); i++) {
      line("offset: " + (baseOffset + index.relativeOffset(i)) + " position: " + index.position(i));
    }
    return allRead(index.count() * OffsetIndex.ENTRY_BYTES, content.limit());
  }

  private boolean dumpTimeIndex(Path file, long baseOffset) throws IOException {
    ByteBuffer content = content(file);
    TimeIndex index = TimeIndex.decode(content.duplicate());
    for (int i = 0; i < index.count(); i++) {
      line(
          "timestamp: "
              + index.timestamp(i)
              + " offset: "
              + (baseOffset + index.relativeOffset(i)));
    }
    return allRead(index.count() * TimeIndex.ENTRY_BYTES, content.limit());
  }

  private boolean dumpTransactionIndex(Path file) throws IOException {
    ByteBuffer content = content(file);
    TransactionIndex index = TransactionIndex.decode(content.duplicate());
    for (AbortedTransaction aborted : index.entries()) {
      line(
          "producerId: "
              + aborted.producerId()
              + " firstOffset: "
              + aborted.firstOffset()
              + " lastOffset: "
              + aborted.lastOffset()
              + " lastStableOffset: "
              + aborted.lastStableOffset());
    }
    return allRead(index.entries().size() * TransactionIndex.ENTRY_BYTES, content.limit());
  }

  private boolean allRead(int read, int size) throws IOException {
    if (read == size) {
      return true;
    }
    line("position: " + read + " NOT ASCENDING OR CUT OFF (" + (size - read) + " bytes left)");
    return false;
  }

  private boolean dumpSnapshot(Path file) throws IOException {
    List<ProducerSnapshot.Entry> entries = ProducerSnapshot.readKafka(storage, file);
    if (entries == null) {
      line("NOT A PRODUCER SNAPSHOT, or damaged");
      return false;
    }
    for (ProducerSnapshot.Entry entry : entries) {
      line(
          "producerId: "
              + entry.producerId()
              + " producerEpoch: "
              + entry.epoch()
              + " lastSequence: "
              + entry.lastSequence()
              + " lastOffset: "
              + entry.lastOffset()
              + " offsetDelta: "
              + entry.offsetDelta()
              + " timestamp: "
              + entry.timestamp()
              + " coordinatorEpoch: "
              + entry.coordinatorEpoch()
              + " transactionStart: "
              + entry.transactionStart());
    }
    return true;
  }

  private boolean dumpText(Path file) throws IOException {
    byte[] content = storage.readAll(file, MAX_SMALL_FILE_BYTES);
    line(new String(content, StandardCharsets.UTF_8).strip());
    return true;
  }

  private ByteBuffer content(Path file) throws IOException {
    return ByteBuffer.wrap(storage.readAll(file, MAX_SMALL_FILE_BYTES));
  }

  private void line(String text) throws IOException {
    out.append(text).append('\n');
  }
}
