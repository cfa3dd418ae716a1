package io.highwater.server.config;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The texts given for the known keys, from all sources merged: flags > environment > file. */
public final class ConfigValues {
  /** What a key's environment variable begins with: {@code HIGHWATER_LOG_DIRS} is log.dirs. */
  public static final String ENVIRONMENT_PREFIX = "HIGHWATER_";

  /** Variables of the launcher and the command line that are no configuration keys. */
  private static final Set<String> OTHER_VARIABLES =
      Set.of("HIGHWATER_HOME", "HIGHWATER_JAVA_OPTS", "HIGHWATER_BOOTSTRAP", "HIGHWATER_DEBUG");

  /** What Kubernetes sets for a service whose name begins with ours. */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          ENVIRONMENT_PREFIX
              + "(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?"
              + "|PORT(?:_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)");

  private final Map<String, String> texts;

  private ConfigValues(Map<String, String> texts) {
    this.texts = Map.copyOf(texts);
  }

  /**
   * Merges the sources.
   *
   * @param file a properties file, or null
   * @param environment what is no key there is passed over; see {@link #strangers}
   * @throws HighwaterException INVALID_CONFIG for a key in the file or flags that is not among
   *     {@code keys} (with the nearest one) or a file that cannot be read
   */
  public static ConfigValues merge(
      Collection<ConfigKey<?>> keys,
      Path file,
      Map<String, String> environment,
      Map<String, String> flags) {
    List<String> known = ConfigKey.names(keys);
    Map<String, String> merged = new HashMap<>();
    if (file != null) {
      add(merged, readFile(file), "in " + file, known);
    }
    environment.forEach(
        (variable, text) -> {
          String name = nameOf(variable);
          if (known.contains(name)) {
            merged.put(name, text);
          }
        });
    add(merged, flags, "on the command line", known);
    return new ConfigValues(merged);
  }

  /** The value of a key: what was given, or its default. */
  public <T> T get(ConfigKey<T> key) {
    return key.parse(texts.getOrDefault(key.name(), key.defaultText()));
  }

  /**
   * The text of a key that parses: what was given, or its default.
   *
   * @throws HighwaterException INVALID_CONFIG as {@link ConfigKey#parse}
   */
  public String text(ConfigKey<?> key) {
    get(key);
    return texts.getOrDefault(key.name(), key.defaultText()).strip();
  }

  /** Whether somebody gave a value for the key. */
  public boolean isGiven(ConfigKey<?> key) {
    return texts.containsKey(key.name());
  }

  private static void add(
      Map<String, String> merged, Map<String, String> source, String where, List<String> known) {
    source.forEach(
        (name, text) -> {
          if (!known.contains(name)) {
            throw ConfigKey.unknown(name, where, known);
          }
          merged.put(name, text);
        });
  }

  /**
   * What to tell people of environment variables that begin as ours do and are no key: others set
   * such variables, too, so they are no error, but may be a mistyped key. Those that Kubernetes
   * makes of a service are not worth a word.
   *
   * @return a line for each, in the order of their names
   */
  public static List<String> strangers(
      Collection<ConfigKey<?>> keys, Map<String, String> environment) {
    List<String> known = ConfigKey.names(keys);
    return environment.keySet().stream()
        .sorted()
        .filter(variable -> variable.startsWith(ENVIRONMENT_PREFIX))
        .filter(variable -> !OTHER_VARIABLES.contains(variable))
        .filter(variable -> !SERVICE_LINK.matcher(variable).matches())
        .filter(variable -> !known.contains(nameOf(variable)))
        .map(
            variable ->
                ConfigKey.unknownText(nameOf(variable), "environment variable " + variable, known)
                    + ": passed over")
        .toList();
  }

  private static String nameOf(String variable) {
    return variable.startsWith(ENVIRONMENT_PREFIX)
        ? variable.substring(ENVIRONMENT_PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.')
        : "";
  }

  private static Map<String, String> readFile(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG,
          "cannot read configuration file " + file + ": " + FaultText.of(e),
          e);
    }
    Map<String, String> texts = new TreeMap<>();
    for (String name : new ArrayList<>(properties.stringPropertyNames())) {
      texts.put(name, properties.getProperty(name));
    }
    return texts;
  }
}
