package io.highwater.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.ClusterVerbs;
import io.highwater.client.cli.VerbGroup;
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
import picocli.CommandLine.UnmatchedArgumentException;

/** The root of the command line: parses, runs a verb, and turns errors into one line. */
@Command(
    name = "highwater",
    description =
        "A replicated commit log: Kafka's storage and replication model, gRPC on the wire.",
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed; one line 'highwater: NAME: text' says why",
      "2:the command line was not understood; nothing was tried"
    },
    footer = {"", "'highwater VERB --help' explains a verb."})
public final class HighwaterCommand implements Runnable {
  /** When set, an error's stack trace follows its line. */
  private static final String DEBUG_VARIABLE = "HIGHWATER_DEBUG";

  @Spec private CommandSpec spec;

  private HighwaterCommand() {}

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

  /** The whole tree of verbs. */
  static CommandLine commandLine(CliStreams streams) {
    CommandLine root = new CommandLine(new HighwaterCommand());
    root.getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .scopeType(ScopeType.INHERIT)
                .description("Explain this command and exit.")
                .build());
    ClusterVerbs.addTo(root, streams, HighwaterCommand.class.getName());
    root.addSubcommand(new BrokerVerb(streams));
    root.addSubcommand(
        VerbGroup.of("log", "Look into a log's files.", List.of(new LogDumpVerb(streams))));
    root.addSubcommand(new VersionVerb(streams));
    root.setOut(new PrintWriter(new OutputStreamWriter(streams.out(), UTF_8), true));
    root.setErr(new PrintWriter(streams.err(), true, UTF_8));
    root.setCaseInsensitiveEnumValuesAllowed(true);
    // '@' begins a time or is a key separator here, not the name of a file with more arguments.
    root.setExpandAtFiles(false);
    root.setParameterExceptionHandler((error, args) -> usageError(error));
    root.setExecutionExceptionHandler((error, command, parsed) -> failure(streams, error));
    return root;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }

  private static int usageError(ParameterException error) {
    CommandLine command = error.getCommandLine();
    StringBuilder text = new StringBuilder(error.getMessage());
    if (error instanceof UnmatchedArgumentException unmatched) {
      List<String> near = unmatched.getSuggestions();
      if (!near.isEmpty()) {
        text.append(", did you mean: ").append(String.join(", ", near)).append('?');
      }
    }
    text.append(" (see '").append(command.getCommandSpec().qualifiedName()).append(" --help')");
    command.getErr().println(CliError.line("USAGE", text.toString()));
    return CliError.USAGE;
  }

  private static int failure(CliStreams streams, Exception error) {
    if (CliError.isBrokenPipe(error)) {
      return CliError.DONE;
    }
    streams.err().println(CliError.line(error));
    if (System.getenv(DEBUG_VARIABLE) != null) {
      error.printStackTrace(streams.err());
    }
    return CliError.FAILED;
  }
}
