package io.highwater.log;

import io.highwater.log.io.SimStorage;
import io.highwater.log.read.ReadResult;
import io.highwater.log.recover.LastKnown;
import io.highwater.log.segment.OpenSegments;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/** A log on a simulated disk, with checkpoints in memory: opened, crashed and opened again. */
public final class LogFixture implements LogCheckpoints {
  public static final Path DIRECTORY = Path.of("/data/t-0");
  public static final TopicPartition PARTITION = new TopicPartition("t", 0);
  public static final UUID TOPIC_ID = new UUID(1, 2);

  /** Small segments and a dense index, so that short tests roll and search. */
  public static final LogConfig SMALL =
      new LogConfig(2048, 1_000_000, 128, 1 << 20, 1024, 1_000_000);

  public final SimStorage storage;
  public final AtomicLong nowMs = new AtomicLong(1_000_000);
  public DirectoryHealth health = new DirectoryHealth(DIRECTORY.getParent());
  public LogConfig config = SMALL;
  public LastKnown known = new LastKnown(false, 0, 0, 0);
  public PartitionLog log;
  private long cleanedTo;

  public LogFixture() {
    this(new SimStorage());
  }

  public LogFixture(SimStorage storage) {
    this.storage = storage;
    try {
      storage.createDirectories(DIRECTORY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public LogFixture(LogConfig config) {
    this();
    this.config = config;
  }

  /** A log as it was left on a storage, not opened yet. */
  static LogFixture on(SimStorage storage, LastKnown known) {
    LogFixture left = new LogFixture(storage);
    left.known = known;
    return left;
  }

  /** Opens the log. */
  public LogFixture open() {
    OpenSegments openSegments = new OpenSegments(4);
    LogContext context =
        new LogContext(
            PARTITION,
            TOPIC_ID,
            DIRECTORY,
            storage,
            config,
            nowMs::get,
            nowMs::get,
            health,
            openSegments,
            this);
    log = PartitionLog.open(context, known);
    return this;
  }

  /** Writes down what the log knows, as the directory's checkpoints do. */
  public LogFixture checkpoint() {
    LogOffsets now = log.offsets();
    known = new LastKnown(false, now.flushed(), now.highWatermark(), now.start());
    return this;
  }

  /** Closes cleanly and opens again. */
  public LogFixture reopenCleanly() {
    log.closeCleanly();
    checkpoint();
    known = new LastKnown(true, known.recoveryPoint(), known.highWatermark(), known.logStart());
    open();
    return this;
  }

  /** Kills the process and opens again. */
  public LogFixture reopenAfterKill() {
    storage.killProcess();
    return afterCrash();
  }

  /** Opens again after a crash of the storage. */
  public LogFixture afterCrash() {
    health = new DirectoryHealth(DIRECTORY.getParent());
    known = new LastKnown(false, known.recoveryPoint(), known.highWatermark(), known.logStart());
    return open();
  }

  @Override
  public long logStart(TopicPartition partition) {
    return known.logStart();
  }

  @Override
  public void cutTo(TopicPartition partition, long endOffset) {
    cleanedTo = Math.min(cleanedTo, endOffset);
    known =
        new LastKnown(
            known.clean(),
            Math.min(known.recoveryPoint(), endOffset),
            Math.min(known.highWatermark(), endOffset),
            known.logStart());
  }

  @Override
  public long cleanedTo(TopicPartition partition) {
    return cleanedTo;
  }

  @Override
  public void cleanedTo(TopicPartition partition, long offset) {
    cleanedTo = offset;
  }

  @Override
  public void resetTo(TopicPartition partition, long offset) {
    known = new LastKnown(known.clean(), offset, offset, offset);
    cleanedTo = 0;
  }

  /** Appends as leader in epoch 0, or the log's own. */
  public AppendResult append(ByteBuffer batch) {
    return log.appendAsLeader(batch, Math.max(0, log.lastEpoch()));
  }

  /** Appends the producer's batches from one to another, of two records each; an epoch has four. */
  LogFixture fill(int from, int to) {
    for (int i = from; i < to; i++) {
      log.appendAsLeader(Batches.produced(5, 0, 2 * i, "a" + i, "b" + i), i / 4);
    }
    return this;
  }

  /** The file of the last segment. */
  Path tailFile() throws IOException {
    return storage.list(DIRECTORY).stream()
        .filter(name -> name.endsWith(".log"))
        .reduce((earlier, later) -> later)
        .map(DIRECTORY::resolve)
        .orElseThrow();
  }

  /** "offset:value" of every record from {@code offset} on. */
  public List<String> records(long offset) {
    return records(log, offset);
  }

  /** "offset:value" of every record. */
  public List<String> records() {
    return records(log.logStartOffset());
  }

  /** "offset:value" of every record of a log from {@code offset} on. */
  public static List<String> records(PartitionLog log, long offset) {
    List<String> found = new ArrayList<>();
    ByteBuffer into = ByteBuffer.allocate(4096);
    long next = offset;
    while (next < log.logEndOffset()) {
      into.clear();
      ReadResult result = log.read(next, Long.MAX_VALUE, into);
      if (result.isEmpty()) {
        into = ByteBuffer.allocate(result.neededBytes());
        continue;
      }
      for (String record : decode(into.flip())) {
        if (Long.parseLong(record.substring(0, record.indexOf(':'))) >= offset) {
          found.add(record);
        }
      }
      next = result.endOffset();
    }
    return found;
  }

  /** "offset:value" of every record of whole batches. */
  public static List<String> decode(ByteBuffer batches) {
    List<String> found = new ArrayList<>();
    UnsafeBuffer buffer =
        new UnsafeBuffer(
            batches.array(), batches.arrayOffset() + batches.position(), batches.remaining());
    BatchView batch = new BatchView();
    try (RecordCursor cursor = new RecordCursor()) {
      for (int at = 0; at < buffer.capacity(); at += batch.wrap(buffer, at).sizeInBytes()) {
        cursor.wrap(buffer, at);
        while (cursor.next()) {
          String value =
              cursor.hasValue() ? new String(cursor.value(), StandardCharsets.UTF_8) : "null";
          found.add(cursor.offset() + ":" + value);
        }
      }
    }
    return found;
  }
}
