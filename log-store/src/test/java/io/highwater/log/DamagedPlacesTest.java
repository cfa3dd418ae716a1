package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.io.SimStorage;
import io.highwater.log.verify.DirectoryVerifier;
import io.highwater.log.verify.Problem;
import io.highwater.log.verify.Verification;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A segment that is damaged in several places: who has to decide about it is told of each. */
class DamagedPlacesTest {
  private static final Path ROOT = Path.of("/data");
  private static final TopicPartition T0 = new TopicPartition("t", 0);
  private static final LogConfig ONE_SEGMENT =
      new LogConfig(1 << 20, 1_000_000, 4096, 1 << 20, 1 << 20, 1_000_000);

  private final SimStorage storage = new SimStorage();
  private Path file;
  private byte[] bytes;

  /** Where the batches begin. */
  private final List<Integer> starts = new ArrayList<>();

  /** One segment of batches of two records each, of which the last {@code unflushed} are that. */
  private void write(int batches, int unflushed) throws IOException {
    LogDirectory directory =
        LogDirectory.open(ROOT, storage, () -> 1_000_000, 1, () -> new UUID(9, 9));
    directory.joinCluster("cluster");
    directory.registered(7);
    PartitionLog log = directory.openOrCreate(T0, new UUID(1, 2), ONE_SEGMENT);
    for (int i = 0; i < batches; i++) {
      if (i == batches - unflushed) {
        log.flush();
        directory.checkpoint();
      }
      log.appendAsLeader(Batches.produced(5, 0, 2 * i, "a" + i, "b" + i), 0);
    }
    if (unflushed == 0) {
      directory.closeCleanly(7);
    }
    storage.killProcess();
    file = ROOT.resolve("t-0/00000000000000000000.log");
    bytes = storage.content(file);
    BatchView batch = new BatchView();
    for (int at = 0; at < bytes.length; at += batch.sizeInBytes()) {
      batch.wrap(new UnsafeBuffer(bytes), at);
      starts.add(at);
    }
    assertThat(starts).hasSize(batches);
    assertThat(verified().problems()).isEmpty();
  }

  private void damage(int batch) {
    bytes[starts.get(batch) + BatchLayout.RECORDS] ^= 1;
    storage.replace(file, bytes);
  }

  private Verification verified() throws IOException {
    return new DirectoryVerifier(storage, true, problem -> {}).verify(ROOT);
  }

  private static String inBatch(int batch) {
    return "the batch at offset " + 2 * batch + " fails its CRC";
  }

  @Test
  void eachIsNamed() throws IOException {
    write(40, 0);
    damage(10);
    damage(25);
    damage(39);

    Verification found = verified();

    assertThat(found.problems())
        .containsExactly(
            new Problem(file, starts.get(10), inBatch(10)),
            new Problem(file, starts.get(25), inBatch(25)),
            new Problem(file, starts.get(39), inBatch(39)));
    assertThat(found.batches()).isEqualTo(37);
  }

  @Test
  void aTornEndBehindDamageIsNone() throws IOException {
    write(40, 5);
    damage(10);
    storage.replace(file, Arrays.copyOf(bytes, bytes.length - 1));

    assertThat(verified().problems())
        .containsExactly(new Problem(file, starts.get(10), inBatch(10)));
  }

  @Test
  void ofVeryManyTheNumberIsTold() throws IOException {
    write(300, 0);
    for (int i = 0; i < 300; i += 2) {
      damage(i);
    }

    assertThat(verified().problems())
        .hasSize(102)
        .contains(new Problem(file, starts.get(200), inBatch(200)))
        .endsWith(Problem.of(file, "and 49 more damaged places"));
  }
}
