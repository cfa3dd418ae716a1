package io.highwater.log.dump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SegmentDumpTest {
  private static final Path LOG = LogFixture.DIRECTORY.resolve("00000000000000000000.log");

  private final LogFixture fixture = new LogFixture();
  private final StringBuilder text = new StringBuilder();

  @BeforeEach
  void write() {
    fixture.open();
    fixture.append(Batches.compressed(Codec.ZSTD, 1000, "one", "two\n\u001b[31m"));
    for (int i = 0; i < 20; i++) {
      fixture.append(Batches.produced(7, 1, i, "v" + i));
    }
    fixture.log.closeCleanly();
  }

  private boolean dump(Path path) throws IOException {
    return new SegmentDump(fixture.storage, true, text).dump(path);
  }

  @Test
  void batchesAndRecordsOfALogAreListed() throws Exception {
    assertThat(dump(LOG)).isTrue();
    assertThat(text)
        .contains("baseOffset: 0 lastOffset: 1 count: 2 leaderEpoch: 0 producerId: -1")
        .contains("codec: zstd crc: ")
        .contains("| offset: 0 timestamp: 1000 key: k3 value: one\n")
        .contains("value: two\\u000a\\u001b[31m\n")
        .contains("producerId: 7 producerEpoch: 1 baseSequence: 19 lastSequence: 19")
        .doesNotContain("INVALID");
  }

  @Test
  void aDirectoryIsDumpedFileByFile() throws Exception {
    assertThat(dump(LogFixture.DIRECTORY)).isTrue();
    assertThat(text)
        .contains("00000000000000000000.log")
        .contains("00000000000000000000.index\noffset: ")
        .contains("00000000000000000000.timeindex\ntimestamp: ")
        .contains("00000000000000000022.snapshot\nproducerId: 7 producerEpoch: 1 lastSequence: 19")
        .contains("leader-epoch-checkpoint\n0\n1\n0 0\n");
  }

  @Test
  void damageIsShownWhereItIs() throws Exception {
    byte[] bytes = fixture.storage.content(LOG);
    byte[] damaged = Arrays.copyOf(bytes, bytes.length - 3);
    damaged[70] ^= 1;
    fixture.storage.replace(LOG, damaged);
    assertThat(dump(LOG)).isFalse();
    assertThat(text).contains(" INVALID\n").contains("NOT A BATCH: ");
  }

  @Test
  void otherFilesAreRefused() {
    assertThatThrownBy(() -> dump(LogFixture.DIRECTORY.resolve("broker.log")))
        .isInstanceOf(HighwaterException.class);
  }
}
