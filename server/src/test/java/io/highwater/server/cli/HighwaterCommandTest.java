package io.highwater.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class HighwaterCommandTest {
  private static final String NOBODY_LISTENS = "127.0.0.1:1";

  @ParameterizedTest
  @MethodSource("verbs")
  void everyVerbExplainsItself(List<String> verb) {
    List<String> args = new ArrayList<>(verb);
    args.add("--help");
    Shell.Result result = Shell.run(args.toArray(String[]::new));
    assertThat(result.exitCode()).isZero();
    assertThat(result.text()).startsWith("Usage: highwater").contains("--help");
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "--version"})
  void theVersionIsToldAsAVerbAndAsAnOption(String arg) {
    Shell.Result result = Shell.run(arg);
    assertThat(result.exitCode()).isZero();
    assertThat(result.text()).matches("highwater \\S+ \\(Java \\S+\\)\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "brocker",
        "topic",
        "topic create",
        "topic create t --partitions many",
        "topic create t --partitions 0",
        "topic create t --replication-factor=-1",
        "produce",
        "produce t --acks 2",
        "produce t --compression zip",
        "produce t --key-separator=",
        "produce t --partition=-1",
        "consume t --from yesterday",
        "consume t --format %q",
        "consume t --max",
        "consume t --max=-1",
        "consume t --partition=-1",
        "topic list --bootstrap host:port",
        "topic list --bootstrap http://localhost:1",
        "topic list --output xml",
        "quickstart --brokers 0",
        "version --no-such-option"
      })
  void whatIsNotUnderstoodIsOneLineAndExitCodeTwo(String line) {
    Shell.Result result = Shell.run(line.isEmpty() ? new String[0] : line.split(" "));
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).matches("highwater: USAGE: [^\\n]+\\n");
  }

  @Test
  void aMistypedVerbGetsASuggestion() {
    assertThat(Shell.run("consumee").err()).contains("did you mean: consume");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"topic list", "cluster describe", "consume t", "produce t", "topic delete t"})
  void aClusterThatNobodyAnswersForIsOneLineAndExitCodeOne(String line) {
    List<String> args = new ArrayList<>(List.of(line.split(" ")));
    args.add("--bootstrap=" + NOBODY_LISTENS);
    Shell.Result result = Shell.run(args.toArray(String[]::new));
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).matches("highwater: [A-Z_]+: [^\\n]*127\\.0\\.0\\.1:1[^\\n]*\\n");
  }

  @Test
  void aMissingInputFileIsNamed() {
    Shell.Result result = Shell.run("quickstart", "--input", "no-such-file");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err())
        .isEqualTo("highwater: NO_SUCH_FILE: no-such-file: no such file or directory\n");
  }

  static Stream<List<String>> verbs() {
    List<List<String>> verbs = new ArrayList<>();
    collect(HighwaterCommand.commandLine(Shell.streams()), List.of(), verbs);
    return verbs.stream();
  }

  private static void collect(CommandLine command, List<String> path, List<List<String>> verbs) {
    verbs.add(path);
    command
        .getSubcommands()
        .forEach(
            (name, verb) -> {
              List<String> deeper = new ArrayList<>(path);
              deeper.add(name);
              collect(verb, deeper, verbs);
            });
  }
}
