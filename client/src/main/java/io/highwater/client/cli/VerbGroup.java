package io.highwater.client.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A word that only groups verbs, such as {@code topic}: alone it is a usage error. */
@Command(synopsisSubcommandLabel = "VERB", commandListHeading = "%nVerbs:%n")
public final class VerbGroup implements Runnable {
  @Spec private CommandSpec spec;

  private VerbGroup() {}

  /**
   * A group of verbs.
   *
   * @param name as it is typed
   * @param description one line
   * @param verbs picocli commands
   */
  public static CommandLine of(String name, String description, List<?> verbs) {
    CommandLine group = new CommandLine(new VerbGroup());
    group.getCommandSpec().name(name).usageMessage().description(description);
    verbs.forEach(group::addSubcommand);
    return group;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }
}
