package io.highwater.perf.micro;

import io.highwater.replication.core.Effects;
import io.highwater.replication.core.LeaderState;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A leader of three replicas: an append and what its followers answer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LeaderStepBenchmark {
  private final LeaderState leader = SampleLeader.ofThreeInSync();
  private final Effects effects = new Effects();
  private long end;

  /** One append, two acknowledgements; the high watermark moves. */
  @Benchmark
  public long appendAndCommit() {
    end += 100;
    SampleLeader.appendAndCommit(leader, end, effects);
    return leader.highWatermark();
  }
}
