package io.highwater.perf.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.perf.load.Extent;
import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadSpec;
import io.highwater.perf.load.PayloadSpec;
import io.highwater.perf.load.SinkConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TcpFloorSystemTest {
  private static final int RECORDS = 20_000;

  @TempDir Path data;

  @Test
  void everyRecordOfAnySizeIsAnswered() {
    try (RunningSystem system = new TcpFloorSystem().start(Topology.ONE_BROKER, data)) {
      system.createTopic("t", 1, 1, 1);
      for (int recordBytes : new int[] {10, 1000, 70_000}) {
        LoadResult result =
            system.load(
                LoadSpec.produce(
                    "set by the system",
                    new SinkConfig("", "t", "1", "none", 64 << 10, 5, 3, 32L << 20),
                    PayloadSpec.ofBytes(recordBytes),
                    Extent.ofRecords(RECORDS / recordBytes + 7)));

        assertThat(result.isSound()).as(result.failure()).isTrue();
        assertThat(result.records()).isEqualTo(RECORDS / recordBytes + 7);
      }
    }
  }
}
