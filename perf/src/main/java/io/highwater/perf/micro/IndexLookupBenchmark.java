package io.highwater.perf.micro;

import io.highwater.log.index.OffsetIndex;
import io.highwater.log.index.TimeIndex;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Look-ups anywhere in the indexes of a full segment: 1 GiB, an entry every 4 KiB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class IndexLookupBenchmark {
  private static final int ENTRIES = 1 << 18;
  private static final int OFFSETS_PER_ENTRY = 37;
  private static final int POSITIONS_PER_ENTRY = 4096;

  private final SplittableRandom random = new SplittableRandom(7);
  private final OffsetIndex offsets = new OffsetIndex();
  private final TimeIndex times = new TimeIndex();

  @Setup
  public void fill() {
    for (int i = 1; i < ENTRIES; i++) {
      offsets.append(i * OFFSETS_PER_ENTRY, i * POSITIONS_PER_ENTRY);
      times.append(SampleBatches.BASE_TIMESTAMP_MS + i, i * OFFSETS_PER_ENTRY);
    }
  }

  @Benchmark
  public int byOffset() {
    int entry = offsets.floorEntry(random.nextInt(ENTRIES * OFFSETS_PER_ENTRY));
    return entry < 0 ? 0 : offsets.position(entry);
  }

  @Benchmark
  public int byTimestamp() {
    return times.floorRelativeOffset(SampleBatches.BASE_TIMESTAMP_MS + random.nextInt(ENTRIES));
  }
}
