package io.highwater.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.ClusterVerbs;
import io.highwater.client.cli.ErrorLines;
import io.highwater.client.cli.VerbGroup;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

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
  // Tells, with a stack trace, what a verb's error says in one line. Held, because loggers are held
  // weakly elsewhere.
  private static final Logger GRPC_LOGGER = Logger.getLogger("io.grpc");

  @Spec private CommandSpec spec;

  private HighwaterCommand() {}

  /** Runs a verb and exits with its code. */
  public static void main(String[] args) {
    GRPC_LOGGER.setLevel(Level.SEVERE);
    System.exit(run(CliStreams.ofProcess(), args));
  }

  /**
   * Runs a verb in this process.
   *
   * @return the exit code
   */
  public static int run(CliStreams streams, String... args) {
    try {
      return commandLine(streams, args).execute(args);
    } catch (OutOfMemoryError e) {
      streams.err().println(CliError.line(e));
      return CliError.FAILED;
    }
  }

  /** The whole tree of verbs. */
  static CommandLine commandLine(CliStreams streams) {
    return commandLine(streams, new String[0]);
  }

  // Of the verbs only the one that is called, where that is plain: all of them take longer to read
  // than a broker's own parts take to start.
  private static CommandLine commandLine(CliStreams streams, String[] args) {
    CommandLine root = new CommandLine(new HighwaterCommand());
    root.getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .scopeType(ScopeType.INHERIT)
                .description("Explain this command and exit.")
                .build())
        .addOption(
            OptionSpec.builder("--version")
                .versionHelp(true)
                .description("Print the version and exit.")
                .build())
        .versionProvider(() -> new String[] {VersionVerb.text()});
    Map<String, Supplier<Object>> verbs = verbs(streams);
    if (args.length > 0 && verbs.containsKey(args[0])) {
      verbs.keySet().retainAll(Set.of(args[0]));
    }
    verbs.forEach((name, verb) -> root.addSubcommand(name, verb.get()));
    root.setOut(new PrintWriter(new OutputStreamWriter(streams.out(), UTF_8), true));
    root.setErr(new PrintWriter(streams.err(), true, UTF_8));
    root.setCaseInsensitiveEnumValuesAllowed(true);
    // '@' begins a time or is a key separator here, not the name of a file with more arguments.
    root.setExpandAtFiles(false);
    ErrorLines.on(root, streams);
    return root;
  }

  private static Map<String, Supplier<Object>> verbs(CliStreams streams) {
    Map<String, Supplier<Object>> verbs =
        ClusterVerbs.of(streams, HighwaterCommand.class.getName());
    verbs.put("broker", () -> new BrokerVerb(streams));
    verbs.put("log", () -> log(streams));
    verbs.put("storage", () -> storage(streams));
    verbs.put("version", () -> new VersionVerb(streams));
    return verbs;
  }

  private static CommandLine log(CliStreams streams) {
    return VerbGroup.of(
        "log",
        "Look into a log's files.",
        List.of(new LogDumpVerb(streams), new LogVerifyVerb(streams), new LogSalvageVerb(streams)));
  }

  private static CommandLine storage(CliStreams streams) {
    return VerbGroup.of(
        "storage",
        "Prepare a data directory.",
        List.of(new StorageFormatVerb(streams), new StorageRandomUuidVerb(streams)));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }
}
