package io.highwater.client.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever ends a verb into one line and an exit code. */
public final class ErrorLines {
  /** When set, an error's stack trace follows its line. */
  private static final String DEBUG_VARIABLE = "HIGHWATER_DEBUG";

  private ErrorLines() {}

  /**
   * Makes a command line fail in this way.
   *
   * @param root with all its verbs
   */
  public static void on(CommandLine root, CliStreams streams) {
    root.setParameterExceptionHandler((error, args) -> usageError(error));
    root.setExecutionExceptionHandler((error, command, parsed) -> failure(streams, error));
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
