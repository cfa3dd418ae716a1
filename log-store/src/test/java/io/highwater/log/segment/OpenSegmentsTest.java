package io.highwater.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.io.SimStorage;
import io.highwater.proto.TopicIdPartition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OpenSegmentsTest {
  private static final Path DIRECTORY = Path.of("/t-0");

  private static LogFiles files(SimStorage storage) {
    return new LogFiles(storage, DIRECTORY, new TopicIdPartition(new UUID(1, 2), 0));
  }

  @Test
  void readersThatCloseEachOthersSegmentsDoNotWaitForEachOther() throws Exception {
    SimStorage storage = new SimStorage();
    storage.createDirectories(DIRECTORY);
    OpenSegments room = new OpenSegments(1);
    List<Segment> segments = new ArrayList<>();
    for (int base = 0; base < 4; base++) {
      SegmentWriter.create(files(storage), base, 4096, room, 1).segment().close();
      segments.add(Segment.sealed(storage, DIRECTORY, base, 4096, room));
    }
    ExecutorService readers = Executors.newFixedThreadPool(3);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int first = i;
        done.add(
            readers.submit(
                () -> {
                  for (int round = 0; round < 3000; round++) {
                    segments.get((first + round) % 3).acquire().release();
                  }
                  return null;
                }));
      }
      for (Future<?> reader : done) {
        reader.get(20, TimeUnit.SECONDS);
      }
    } finally {
      readers.shutdownNow();
    }
    // Readers at the same time may leave one too many open; the next one to open makes up for it.
    segments.get(3).acquire().release();
    assertThat(room.count()).isEqualTo(1);
  }

  @Test
  void aTailThatALateReaderOpensAgainIsClosedInItsTurn() throws Exception {
    SimStorage storage = new SimStorage();
    storage.createDirectories(DIRECTORY);
    OpenSegments room = new OpenSegments(1);
    Segment tail = SegmentWriter.create(files(storage), 0, 4096, room, 1).segment();
    SegmentWriter.create(files(storage), 1, 4096, room, 1).segment().close();
    tail.close();
    tail.acquire().release();
    Segment.sealed(storage, DIRECTORY, 1, 4096, room).acquire().release();
    assertThat(storage.openFiles()).isEqualTo(1);
  }
}
