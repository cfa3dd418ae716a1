package io.highwater.log.fuzz;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.log.PartitionLog;
import io.highwater.log.dump.SegmentDump;
import io.highwater.log.io.SimStorage;
import io.highwater.log.read.LogSlice;
import io.highwater.log.read.ReadResult;
import io.highwater.log.recover.LastKnown;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Feeds a log bytes that mean harm (INP-1, STO-3): batches to append, damaged files to open. Only
 * named errors may come back. Arguments: seed, first case, exclusive last case; a case depends on
 * the seed and its number alone, so a failure is replayed by naming them. To be run in a JVM with a
 * small heap.
 */
public final class FuzzMain {
  private static final int MOST_STEPS = 12;
  private static final int MOST_NEEDED_BYTES = 1 << 20;

  private final Random random;
  private final HostileBytes hostile;
  private int refused;
  private int accepted;

  private FuzzMain(long seed) {
    random = new Random(seed);
    hostile = new HostileBytes(random);
  }

  public static void main(String[] args) throws Exception {
    long seed = Long.parseLong(args[0]);
    int refused = 0;
    int accepted = 0;
    int end = Integer.parseInt(args[2]);
    for (int i = Integer.parseInt(args[1]); i < end; i++) {
      FuzzMain one = new FuzzMain(seed * 1_000_003 + i);
      try {
        one.run();
      } catch (Throwable e) {
        System.out.println("FAILED seed " + seed + " case " + i);
        e.printStackTrace(System.out);
        Runtime.getRuntime().halt(1);
      }
      refused += one.refused;
      accepted += one.accepted;
    }
    System.out.println("refused " + refused + " accepted " + accepted);
  }

  private void run() throws IOException {
    LogFixture fixture = new LogFixture().open();
    for (int i = random.nextInt(40); i >= 0; i--) {
      long end = fixture.log.logEndOffset();
      fixture.log.appendAsFollower(hostile.batch(end, 1), end, 1);
    }
    fixture.log.advanceHighWatermark(random.nextInt((int) fixture.log.logEndOffset() + 1));
    if (random.nextBoolean()) {
      appends(fixture);
    } else {
      damagedFiles(fixture);
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  /** Whatever happens has a name. */
  private boolean named(Step step) throws IOException {
    try {
      step.run();
      accepted++;
      return true;
    } catch (HighwaterException e) {
      refused++;
      return false;
    }
  }

  private void appends(LogFixture fixture) throws IOException {
    PartitionLog log = fixture.log;
    for (int i = random.nextInt(MOST_STEPS); i >= 0; i--) {
      long end = log.logEndOffset();
      ByteBuffer batch = hostile.hostileBatch(end, 1);
      boolean done =
          random.nextBoolean()
              ? named(() -> log.appendAsLeader(batch, 1))
              : named(() -> log.appendAsFollower(batch, end, 1));
      if (!done && log.logEndOffset() != end) {
        throw new AssertionError("STO-7: refused, yet the log grew");
      }
    }
    readAll(log);
    if (log.damage().isPresent()) {
      throw new AssertionError("STO-3: damage was appended: " + log.damage());
    }
    fixture.checkpoint().reopenAfterKill();
    readAll(fixture.log);
    // It goes on.
    fixture.log.appendAsLeader(Batches.of(1, "next"), 5);
  }

  private void damagedFiles(LogFixture fixture) throws IOException {
    if (random.nextBoolean()) {
      fixture.log.flush();
      fixture.log.flushSealed();
    }
    fixture.checkpoint();
    if (random.nextBoolean()) {
      fixture.log.closeCleanly();
      fixture.checkpoint();
      fixture.known =
          new LastKnown(
              true,
              fixture.known.recoveryPoint(),
              fixture.known.highWatermark(),
              fixture.known.logStart());
    }
    LogFixture damaged = new LogFixture(fixture.storage.copy());
    damaged.known = fixture.known;
    List<String> names = damaged.storage.list(LogFixture.DIRECTORY);
    for (int i = random.nextInt(4); i >= 0; i--) {
      damage(damaged.storage, names.get(random.nextInt(names.size())));
    }
    dump(damaged.storage);
    if (named(damaged::open)) {
      use(damaged);
    }
  }

  private void damage(SimStorage storage, String name) throws IOException {
    Path file = LogFixture.DIRECTORY.resolve(name);
    if (!storage.exists(file) || random.nextInt(8) == 0) {
      storage.deleteIfExists(file);
    } else {
      storage.replace(file, hostile.damagedFile(storage.content(file)));
    }
  }

  private void dump(SimStorage storage) throws IOException {
    StringBuilder out = new StringBuilder();
    new SegmentDump(storage, true, out).dump(LogFixture.DIRECTORY);
    if (out.isEmpty()) {
      throw new AssertionError("nothing dumped");
    }
  }

  private void use(LogFixture damaged) throws IOException {
    PartitionLog log = damaged.log;
    readAll(log);
    named(() -> log.offsetForTimestamp(1000 + random.nextInt(5000), Long.MAX_VALUE));
    named(() -> log.abortedTransactions(0, Long.MAX_VALUE));
    named(() -> log.appendAsLeader(hostile.batch(0, 1), 9));
    long start = log.logStartOffset();
    long offset = start + random.nextInt((int) (log.logEndOffset() - start) + 1);
    if (named(() -> log.truncateTo(offset))) {
      readAll(log);
    }
    named(log::flush);
    if (named(log::closeCleanly)) {
      LogFixture again = new LogFixture(damaged.storage);
      again.known = LastKnown.NOTHING;
      named(again::open);
    }
  }

  private void readAll(PartitionLog log) throws IOException {
    BatchView batch = new BatchView();
    long next = log.logStartOffset();
    long[] end = {next};
    while (next < log.logEndOffset()) {
      long from = next;
      if (!named(() -> end[0] = readAt(log, batch, from)) || end[0] <= from) {
        return;
      }
      next = end[0];
    }
  }

  private long readAt(PartitionLog log, BatchView batch, long from) throws IOException {
    if (random.nextInt(4) == 0) {
      try (LogSlice slice = log.slice(from, Long.MAX_VALUE, 500).orElseThrow()) {
        slice.transferTo(0, Channels.newChannel(OutputStream.nullOutputStream()));
        return slice.endOffset();
      }
    }
    ByteBuffer into = ByteBuffer.allocate(61 + random.nextInt(1000));
    ReadResult read = log.read(from, Long.MAX_VALUE, into);
    if (read.neededBytes() > 0) {
      if (read.neededBytes() > MOST_NEEDED_BYTES) {
        throw new AssertionError("asks for " + read.neededBytes() + " bytes");
      }
      into = ByteBuffer.allocate(read.neededBytes());
      read = log.read(from, Long.MAX_VALUE, into);
    }
    UnsafeBuffer bytes = new UnsafeBuffer(into.array(), 0, read.bytes());
    for (int at = 0; at < read.bytes(); at += batch.wrap(bytes, at).sizeInBytes()) {
      int position = at;
      named(() -> records(bytes, position));
    }
    return read.endOffset();
  }

  private static void records(UnsafeBuffer bytes, int position) {
    try (RecordCursor record = new RecordCursor(1 << 20)) {
      record.wrap(bytes, position);
      while (record.next()) {
        record.key();
        record.value();
        record.headers();
      }
    }
  }
}
