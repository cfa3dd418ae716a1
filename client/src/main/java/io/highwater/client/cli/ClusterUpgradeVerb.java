package io.highwater.client.cli;

import io.highwater.client.FeatureUpdate;
import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code highwater cluster upgrade}. */
@Command(
    name = "upgrade",
    description =
        "Bring the highest levels of features in force that all brokers speak, once all run the new"
            + " software; see first with --dry-run. There is no way back.")
final class ClusterUpgradeVerb implements Callable<Integer> {
  private record Update(String feature, int fromLevel, int level) {}

  private record Upgrade(boolean dryRun, List<Update> updates) {}

  private final CliStreams streams;

  @Option(
      names = "--feature",
      paramLabel = "NAME=LEVEL",
      description = "This one only, to this level, such as metadata.version=2; may be repeated.")
  private Map<String, Integer> levels = new LinkedHashMap<>();

  @Option(names = "--dry-run", description = "Say what would change, and change nothing.")
  private boolean dryRun;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  ClusterUpgradeVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      Upgrade upgrade =
          new Upgrade(
              dryRun,
              admin.updateFeatures(levels, dryRun).stream()
                  .map(ClusterUpgradeVerb::update)
                  .toList());
      output.print(streams, upgrade, () -> text(upgrade));
    }
    return CliError.DONE;
  }

  private static Update update(FeatureUpdate update) {
    return new Update(update.feature(), update.fromLevel(), update.level());
  }

  private static String text(Upgrade upgrade) {
    if (upgrade.updates.isEmpty()) {
      return "nothing to upgrade\n";
    }
    Table table = new Table("FEATURE", "FROM", upgrade.dryRun ? "WOULD BE" : "IS");
    upgrade.updates.forEach(u -> table.row(u.feature, u.fromLevel, u.level));
    return table.toString();
  }
}
