package io.highwater.perf.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever reads the id of an invariant finds its rule. */
class InvariantIdsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path RULES = ROOT.resolve("docs/INVARIANTS.md");
  private static final Pattern RULE = Pattern.compile("(?m)^\\| ([A-Z]{3}-\\d+) \\|");
  private static final Pattern CITATION = Pattern.compile("\\b[A-Z]{3}-\\d+\\b");
  private static final Set<String> STANDARDS = Set.of("ISO", "KIP", "SHA", "UTF");

  @Test
  void everyIdThatIsCitedHasARule() throws IOException {
    Set<String> rules =
        RULE.matcher(Files.readString(RULES))
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Map<String, Set<Path>> cited = new TreeMap<>();
    for (Path file : sources()) {
      CITATION
          .matcher(Files.readString(file))
          .results()
          .map(MatchResult::group)
          .filter(id -> !STANDARDS.contains(id.substring(0, 3)))
          .forEach(
              id -> cited.computeIfAbsent(id, any -> new TreeSet<>()).add(ROOT.relativize(file)));
    }

    assertThat(cited).hasSizeGreaterThan(rules.size() / 2);
    cited.keySet().removeAll(rules);
    assertThat(cited).isEmpty();
  }

  private static Set<Path> sources() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      Set<Path> found = new TreeSet<>();
      for (Path module : modules.map(path -> path.resolve("src")).toList()) {
        if (Files.isDirectory(module)) {
          try (Stream<Path> files = Files.walk(module)) {
            files.filter(file -> file.toString().matches(".*\\.(java|proto)")).forEach(found::add);
          }
        }
      }
      try (Stream<Path> files = Files.list(ROOT)) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(found::add);
      }
      return found;
    }
  }
}
