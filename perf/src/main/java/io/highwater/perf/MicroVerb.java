package io.highwater.perf;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliFailure;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.OutputOption;
import io.highwater.perf.micro.BatchBuildBenchmark;
import io.highwater.perf.micro.MicroResult;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code highwater perf micro}. */
@Command(
    name = "micro",
    description = {
      "Measure the pieces: batches, checksums, the log, the leader's step, marshalling.",
      "Each benchmark runs in a JVM of its own, by JMH; its progress goes to the error stream."
    })
final class MicroVerb implements Callable<Integer> {
  private static final String ALL = BatchBuildBenchmark.class.getPackageName();

  private final CliStreams streams;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "PATTERN",
      description = "Regular expressions; a benchmark runs when its name has one. Default: all.")
  private List<String> patterns = List.of();

  @Option(
      names = "--prof",
      paramLabel = "NAME",
      description = "A profiler of JMH's: gc counts allocated bytes; also stack, perfasm, …")
  private List<String> profilers = List.of();

  @Option(
      names = "--param",
      paramLabel = "NAME=VALUE[,VALUE…]",
      description = "Only these values of a benchmark's parameter.")
  private List<String> params = List.of();

  @Option(
      names = "--forks",
      paramLabel = "N",
      defaultValue = "1",
      description = "JVMs for each benchmark, one after the other. Default: ${DEFAULT-VALUE}.")
  private int forks;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Measured iterations, and as many before to warm up. Default: ${DEFAULT-VALUE}.")
  private int iterations;

  @Option(
      names = "--iteration-ms",
      paramLabel = "MS",
      defaultValue = "1000",
      description = "How long an iteration takes. Default: ${DEFAULT-VALUE}.")
  private long iterationMs;

  @Mixin private OutputOption output;

  MicroVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    Options options = options();
    try {
      for (RunResult run : new Runner(options, progress()).run()) {
        MicroResult result = MicroResult.of(run);
        output.print(streams, result, result::line);
      }
    } catch (NoBenchmarksException e) {
      throw new CliFailure("NO_BENCHMARK", "no benchmark has a name with " + patterns);
    } catch (RunnerException e) {
      throw new CliFailure("BENCHMARK_FAILED", String.valueOf(e.getMessage()));
    }
    return CliError.DONE;
  }

  private OutputFormat progress() {
    return OutputFormatFactory.createFormatInstance(streams.err(), VerboseMode.NORMAL);
  }

  private Options options() {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .forks(forks)
            .warmupIterations(iterations)
            .warmupTime(TimeValue.milliseconds(iterationMs))
            .measurementIterations(iterations)
            .measurementTime(TimeValue.milliseconds(iterationMs))
            .shouldFailOnError(true);
    (patterns.isEmpty() ? List.of(ALL) : patterns).forEach(options::include);
    profilers.forEach(options::addProfiler);
    for (String param : params) {
      int equals = param.indexOf('=');
      if (equals < 0) {
        throw new ParameterException(spec.commandLine(), "--param " + param + " is not NAME=VALUE");
      }
      options.param(param.substring(0, equals), param.substring(equals + 1).split(",", -1));
    }
    return options.build();
  }
}
