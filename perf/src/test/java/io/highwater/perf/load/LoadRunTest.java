package io.highwater.perf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoadRunTest {
  private static final SinkConfig SINK =
      new SinkConfig("nowhere", "topic", "all", "none", 16_384, 0, 0, 1 << 20);
  private static final SourceConfig SOURCE = new SourceConfig("nowhere", "topic", true);
  private static final LoadSpec PRODUCE =
      LoadSpec.produce("memory", SINK, PayloadSpec.ofBytes(100), Extent.ofRecords(1_000))
          .warmedUpBy(Extent.ofRecords(128))
          .sending(2, 0, false)
          .measuring(List.of(ProcessHandle.current().pid(), Long.MAX_VALUE));

  @Test
  void producingCountsTheMeasuredPartAndSumsUpAll() throws IOException {
    LoadResult result = run(PRODUCE, new MemoryTarget(MemoryTarget.Fault.NONE));

    assertThat(result.isSound()).isTrue();
    assertThat(result.records()).isEqualTo(1_000);
    assertThat(result.bytes()).isEqualTo(100_000);
    assertThat(result.warmupRecords()).isEqualTo(128);
    assertThat(result.written().records()).isEqualTo(1_128);
    assertThat(result.latency().count()).isEqualTo(16);
    assertThat(result.latency().from()).isEqualTo(Latency.From.SAMPLED_SEND);
    assertThat(result.brokers().get(0).microsPerRecord()).isNotNull();
    assertThat(result.brokers().get(1).microsPerRecord()).isNull();
  }

  @Test
  void consumingFindsWhatWasProduced() throws IOException {
    MemoryTarget target = new MemoryTarget(MemoryTarget.Fault.NONE);
    Tally written = run(PRODUCE, target).written();

    LoadResult result =
        run(
            LoadSpec.consume("memory", SOURCE, written)
                .lasting(Extent.ofRecords(1), Extent.ofRecords(2_000)),
            target);

    assertThat(result.verification().verdict()).isEqualTo(Verification.Verdict.RIGHT);
    assertThat(result.warmupRecords()).isEqualTo(1_128);
    assertThat(result.records()).isEqualTo(2 * 1_128);
  }

  @Test
  void aDamagedRecordMakesConsumingUnsound() throws IOException {
    MemoryTarget target = new MemoryTarget(MemoryTarget.Fault.DAMAGED);
    Tally written = run(PRODUCE, target).written();

    LoadResult result = run(LoadSpec.consume("memory", SOURCE, written), target);

    assertThat(result.isSound()).isFalse();
    assertThat(result.verification().verdict()).isEqualTo(Verification.Verdict.WRONG);
    assertThat(result.failure()).contains("written was");
  }

  @Test
  void endToEndReadsAllThatItSent(@TempDir Path directory) throws IOException {
    Path hlog = directory.resolve("latencies.hlog");
    LoadSpec spec =
        LoadSpec.endToEnd(
                "memory",
                SINK,
                new SourceConfig("nowhere", "topic", false),
                PayloadSpec.ofBytes(100),
                Extent.ofRecords(200),
                10_000)
            .warmedUpBy(Extent.ofRecords(50))
            .loggingTo(hlog.toString());

    LoadResult result = run(spec, new MemoryTarget(MemoryTarget.Fault.NONE));

    assertThat(result.isSound()).isTrue();
    assertThat(result.verification().verdict()).isEqualTo(Verification.Verdict.RIGHT);
    assertThat(result.verification().received().records()).isEqualTo(250);
    assertThat(result.latency().count()).isEqualTo(200);
    assertThat(result.latency().from()).isEqualTo(Latency.From.INTENDED);
    assertThat(Files.readString(hlog)).contains("[Histogram log format version");
  }

  @Test
  void aRunThatIsStoppedTellsWhatItHas() throws IOException {
    LoadSpec endless =
        LoadSpec.produce("memory", SINK, PayloadSpec.ofBytes(10), Extent.ofMillis(600_000));
    LoadRun[] run = new LoadRun[1];
    run[0] =
        new LoadRun(
            endless.sending(1, 1_000, false),
            new MemoryTarget(MemoryTarget.Fault.NONE),
            (phase, fraction, records, seconds) -> run[0].stop());

    LoadResult result = run[0].run();

    assertThat(result.interrupted()).isTrue();
    assertThat(result.records()).isPositive().isEqualTo(result.latency().count());
  }

  @Test
  void specsAndResultsSurviveJson() throws IOException {
    LoadSpec spec = PRODUCE.against("other", "elsewhere", List.of(7L)).loggingTo("file");
    LoadResult result = run(PRODUCE, new MemoryTarget(MemoryTarget.Fault.NONE));

    assertThat(LoadJson.spec(LoadJson.line(spec))).isEqualTo(spec);
    assertThat(LoadJson.result(LoadJson.line(result))).isEqualTo(result);
    assertThat(LoadJson.line(result)).doesNotContain("\n");
    assertThatThrownBy(() -> LoadJson.spec("{}")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LoadJson.spec("what"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("LoadSpec");
  }

  @Test
  void aTargetThatIsNoneIsRefused() {
    assertThatThrownBy(() -> LoadRun.targetOf(PRODUCE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'memory' is no target");
    assertThatThrownBy(() -> LoadRun.targetOf(PRODUCE.against("java.lang.String", "x", List.of())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no target");
  }

  private static LoadResult run(LoadSpec spec, LoadTarget target) throws IOException {
    return new LoadRun(spec, target, LoadObserver.NONE).run();
  }
}
