package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.embed.EmbeddedLog;
import io.highwater.log.read.LogSlice;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** File regions of a log on the real file system. */
class SliceTest {
  private static final LogConfig CONFIG = LogFixture.SMALL;

  @TempDir Path root;

  private static byte[] bytesOf(LogSlice slice) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    WritableByteChannel channel = Channels.newChannel(bytes);
    int sent = 0;
    while (sent < slice.bytes()) {
      sent += (int) slice.transferTo(sent, channel);
    }
    return bytes.toByteArray();
  }

  private static List<String> recordsOf(LogSlice slice) throws IOException {
    return LogFixture.decode(ByteBuffer.wrap(bytesOf(slice)));
  }

  private EmbeddedLog filled(int batches) {
    EmbeddedLog embedded = EmbeddedLog.open(root.resolve("log"), () -> 1_000_000, CONFIG);
    for (int i = 0; i < batches; i++) {
      embedded.append(Batches.of(1000 + i, "a" + i, "b" + i));
    }
    return embedded;
  }

  @Test
  void slicesOneAfterTheOtherAreTheLog() throws Exception {
    try (EmbeddedLog embedded = filled(100)) {
      PartitionLog log = embedded.log();
      List<String> all = LogFixture.records(log, 0);
      for (int maxBytes : new int[] {1, 200, 900, 1 << 20}) {
        List<String> found = new ArrayList<>();
        long next = 0;
        while (next < log.logEndOffset()) {
          try (LogSlice slice = log.slice(next, Long.MAX_VALUE, maxBytes).orElseThrow()) {
            assertThat(slice.baseOffset()).isEqualTo(next);
            found.addAll(recordsOf(slice));
            next = slice.endOffset();
          }
        }
        assertThat(found).isEqualTo(all);
      }
      try (LogSlice slice = log.slice(51, 60, 1 << 20).orElseThrow()) {
        assertThat(slice.baseOffset()).isEqualTo(50);
        assertThat(recordsOf(slice)).isEqualTo(all.subList(50, (int) slice.endOffset()));
        assertThat(slice.endOffset()).isLessThanOrEqualTo(60);
        ByteBuffer copy = ByteBuffer.allocate(slice.bytes() - 7);
        assertThat(slice.read(7, copy)).isEqualTo(slice.bytes() - 7);
        assertThat(copy.array())
            .isEqualTo(java.util.Arrays.copyOfRange(bytesOf(slice), 7, slice.bytes()));
      }
      assertThat(log.slice(51, 51, 100)).isEmpty();
      assertThat(log.slice(51, 52, 100).map(LogSlice::endOffset)).contains(52L);
      assertThat(log.slice(200, Long.MAX_VALUE, 100)).isEmpty();
      assertThatThrownBy(() -> log.slice(201, Long.MAX_VALUE, 100))
          .isInstanceOf(HighwaterException.class);
    }
  }

  @Test
  void aSliceOutlivesTheDeletionOfItsSegment() throws Exception {
    EmbeddedLog embedded = filled(60);
    PartitionLog log = embedded.log();
    List<String> all = LogFixture.records(log, 0);
    LogSlice slice = log.slice(2, Long.MAX_VALUE, 1 << 20).orElseThrow();
    LogSlice later = log.slice(40, Long.MAX_VALUE, 1 << 20).orElseThrow().retain();
    log.resetTo(500);
    try (java.util.stream.Stream<Path> files = Files.list(root.resolve("log/log-0"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".log")).count()).isEqualTo(1);
    }
    // High watermark 500 is above: what the slice holds was committed once.
    assertThat(recordsOf(slice)).isEqualTo(all.subList(2, (int) slice.endOffset()));
    later.close();
    assertThat(recordsOf(later))
        .isEqualTo(all.subList((int) later.baseOffset(), (int) later.endOffset()));
    later.close();
    slice.close();
    assertThatThrownBy(() -> bytesOf(later)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(later::close).isInstanceOf(IllegalStateException.class);
    embedded.close();
  }

  @Test
  void aSliceOfWhatWasTruncatedIsRefused() throws Exception {
    LogFixture fixture = new LogFixture().open();
    for (int i = 0; i < 4; i++) {
      fixture.append(Batches.of(1, "v" + i));
    }
    try (LogSlice slice = fixture.log.slice(1, Long.MAX_VALUE, 1 << 20).orElseThrow()) {
      assertThat(recordsOf(slice)).containsExactly("1:v1", "2:v2", "3:v3");
      fixture.log.truncateTo(2);
      assertThatThrownBy(() -> bytesOf(slice))
          .isInstanceOf(HighwaterException.class)
          .extracting(e -> ((HighwaterException) e).code())
          .isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
    }
  }

  /** The bytes are other batches' now, and those are committed. */
  @Test
  void aSliceOfWhatWasTruncatedStaysRefusedWhenOthersAreCommittedThere() throws Exception {
    LogFixture fixture = new LogFixture().open();
    for (int i = 0; i < 4; i++) {
      fixture.append(Batches.of(1, "v" + i));
    }
    fixture.log.advanceHighWatermark(2);
    LogSlice committed = fixture.log.slice(0, 2, 1 << 20).orElseThrow();
    LogSlice cut = fixture.log.slice(2, Long.MAX_VALUE, 1 << 20).orElseThrow();
    fixture.log.truncateTo(2);
    for (int i = 0; i < 4; i++) {
      fixture.append(Batches.of(1, "w" + i));
    }
    fixture.log.advanceHighWatermark(6);

    assertThat(recordsOf(committed)).containsExactly("0:v0", "1:v1");
    assertThatThrownBy(() -> bytesOf(cut))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("truncated");
    assertThatThrownBy(() -> cut.read(0, ByteBuffer.allocate(100)))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("truncated");
    committed.close();
    cut.close();
  }

  /** STO-10. */
  @Test
  void damagedBytesAreNeverSliced() throws Exception {
    EmbeddedLog embedded = filled(60);
    List<String> all = LogFixture.records(embedded.log(), 0);
    embedded.close();
    Path first = root.resolve("log/log-0/00000000000000000000.log");
    byte[] sound = Files.readAllBytes(first);
    for (int at = 0; at < sound.length; at += 7) {
      byte[] flipped = sound.clone();
      flipped[at] ^= 0x20;
      Files.write(first, flipped);
      EmbeddedLog damaged = EmbeddedLog.open(root.resolve("log"), () -> 1_000_000, CONFIG);
      List<String> found = new ArrayList<>();
      long next = 0;
      try {
        while (next < damaged.log().logEndOffset()) {
          try (LogSlice slice = damaged.log().slice(next, Long.MAX_VALUE, 300).orElseThrow()) {
            found.addAll(recordsOf(slice));
            next = slice.endOffset();
          }
        }
        assertThat(at).as("found out").isNegative();
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(found).isEqualTo(all.subList(0, found.size()));
        assertThat(damaged.log().damage()).isPresent();
      }
      damaged.close();
    }
  }

  @Test
  void readersOfSlicesRaceWithDeletion() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    Path sink = Files.createTempFile(root, "sink", "");
    try (EmbeddedLog embedded = EmbeddedLog.open(root.resolve("log"), () -> 1, CONFIG)) {
      PartitionLog log = embedded.log();
      List<Future<Long>> counts = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int seed = i;
        counts.add(readers.submit(() -> sliceUntil(done, log, sink, new Random(seed))));
      }
      Random random = new Random(7);
      for (int i = 0; i < 3000; i++) {
        long offset = log.logEndOffset();
        embedded.append(Batches.of(1, offset + "!".repeat(random.nextInt(200))));
        if (random.nextInt(100) == 0) {
          log.resetTo(log.logEndOffset()); // Every file goes.
        }
      }
      done.set(true);
      for (Future<Long> count : counts) {
        assertThat(count.get(30, TimeUnit.SECONDS)).isPositive();
      }
      assertThat(log.damage()).isEmpty();
    } finally {
      done.set(true);
      readers.shutdown();
    }
  }

  private static long sliceUntil(AtomicBoolean done, PartitionLog log, Path sink, Random random)
      throws IOException {
    long found = 0;
    try (FileChannel target =
        FileChannel.open(sink, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      while (!done.get() || found == 0) {
        LogOffsets offsets = log.offsets();
        long next = offsets.start() + random.nextInt((int) (offsets.end() - offsets.start()) + 1);
        try (LogSlice slice = log.slice(next, offsets.end(), 4096).orElse(null)) {
          if (slice == null) {
            continue;
          }
          long offset = slice.baseOffset();
          for (String record : recordsOf(slice)) {
            assertThat(record).startsWith(offset + ":" + offset);
            offset++;
            found++;
          }
          assertThat(offset).isEqualTo(slice.endOffset());
          assertThat(slice.transferTo(0, target.position(0))).isEqualTo(slice.bytes());
        } catch (HighwaterException e) {
          assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
        }
      }
    }
    return found;
  }
}
