package io.highwater.perf;

import io.highwater.client.cli.BootstrapOption;
import io.highwater.client.cli.OutputOption;
import io.highwater.perf.load.Extent;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What all loads are told. */
final class LoadOptions {
  @Parameters(paramLabel = "TOPIC", description = "What is written or read.")
  private String topic;

  @Option(names = "--records", paramLabel = "N", description = "How many records are measured.")
  private Long records;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = Quantities.Time.class,
      description = "How long is measured instead: 500ms, 20s, 2m.")
  private Long durationMs;

  @Option(
      names = "--warmup",
      paramLabel = "N|TIME",
      converter = Quantities.RecordsOrTime.class,
      description = "Records, or a time, that go before and are not measured. Default: none.")
  private Extent warmup;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  String topic() {
    return topic;
  }

  /**
   * The measured part.
   *
   * @param otherwise when nothing was said
   */
  Extent measured(Extent otherwise) {
    if (records != null && durationMs != null) {
      throw new IllegalArgumentException("--records and --duration exclude each other");
    }
    if (records != null && records < 1) {
      throw new IllegalArgumentException("--records " + records + " is not from 1");
    }
    if (records != null) {
      return Extent.ofRecords(records);
    }
    return durationMs == null ? otherwise : Extent.ofMillis(durationMs);
  }

  Extent warmup() {
    return warmup == null ? Extent.NONE : warmup;
  }

  BootstrapOption bootstrap() {
    return bootstrap;
  }

  OutputOption output() {
    return output;
  }
}
