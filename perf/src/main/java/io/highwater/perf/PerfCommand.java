package io.highwater.perf;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.ErrorLines;
import io.highwater.perf.system.Checkout;
import io.highwater.perf.system.ChronicleSystem;
import io.highwater.perf.system.ComparedSystem;
import io.highwater.perf.system.EmbeddedSystem;
import io.highwater.perf.system.HighwaterSystem;
import io.highwater.perf.system.KafkaSystem;
import io.highwater.perf.system.TcpFloorSystem;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code highwater perf}: the root of everything that measures. */
@Command(
    name = "highwater perf",
    description = "Measure: load against a running cluster, and comparisons with other systems.",
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed; one line 'highwater: NAME: text' says why",
      "2:the command line was not understood; nothing was tried"
    },
    footer = {"", "'highwater perf VERB --help' explains a verb."})
public final class PerfCommand implements Runnable {
  @Spec private CommandSpec spec;

  private PerfCommand() {}

  /** Runs a verb and exits with its code. */
  public static void main(String[] args) {
    System.exit(run(CliStreams.ofProcess(), args));
  }

  /**
   * Runs a verb in this process.
   *
   * @return the exit code
   */
  public static int run(CliStreams streams, String... args) {
    return commandLine(streams).execute(args);
  }

  private static CommandLine commandLine(CliStreams streams) {
    CommandLine root = new CommandLine(new PerfCommand());
    root.getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .scopeType(ScopeType.INHERIT)
                .description("Explain this command and exit.")
                .build());
    root.addSubcommand(new ProduceVerb(streams));
    root.addSubcommand(new ConsumeVerb(streams));
    root.addSubcommand(new EndToEndVerb(streams));
    root.addSubcommand(new CompareVerb(streams, PerfCommand::systems));
    root.addSubcommand(new ReportVerb(streams));
    root.addSubcommand(new MicroVerb(streams));
    root.setOut(new PrintWriter(new OutputStreamWriter(streams.out(), UTF_8), true));
    root.setErr(new PrintWriter(streams.err(), true, UTF_8));
    root.setCaseInsensitiveEnumValuesAllowed(true);
    // A path may begin with it.
    root.setExpandAtFiles(false);
    ErrorLines.on(root, streams);
    return root;
  }

  private static List<ComparedSystem> systems() {
    Checkout checkout = Checkout.ofThisBuild();
    return List.of(
        new HighwaterSystem(checkout),
        new KafkaSystem(checkout),
        EmbeddedSystem.logStore(),
        new ChronicleSystem(checkout),
        EmbeddedSystem.logStoreSingle(),
        EmbeddedSystem.fileFloor(),
        new TcpFloorSystem());
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }
}
