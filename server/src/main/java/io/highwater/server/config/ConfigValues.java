package io.highwater.server.config;

import io.highwater.proto.ErrorCode;
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

/** The texts given for the known keys, from all sources merged: flags > environment > file. */
public final class ConfigValues {
  /** What a key's environment variable begins with: {@code HIGHWATER_LOG_DIRS} is log.dirs. */
  public static final String ENVIRONMENT_PREFIX = "HIGHWATER_";

  /** Variables of the launcher and the command line that are no configuration keys. */
  private static final Set<String> OTHER_VARIABLES =
      Set.of("HIGHWATER_HOME", "HIGHWATER_JAVA_OPTS", "HIGHWATER_BOOTSTRAP", "HIGHWATER_DEBUG");

  private final Map<String, String> texts;

  private ConfigValues(Map<String, String> texts) {
    this.texts = Map.copyOf(texts);
  }

  /**
   * Merges the sources.
   *
   * @param file a properties file, or null
   * @throws HighwaterException INVALID_CONFIG for a key that is not among {@code keys} (with the
   *     nearest one) or a file that cannot be read
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
    environment.forEach((variable, text) -> addVariable(merged, variable, text, known));
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

  private static void addVariable(
      Map<String, String> merged, String variable, String text, List<String> known) {
    if (!variable.startsWith(ENVIRONMENT_PREFIX) || OTHER_VARIABLES.contains(variable)) {
      return;
    }
    String name =
        variable.substring(ENVIRONMENT_PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.');
    if (!known.contains(name)) {
      throw ConfigKey.unknown(name, "environment variable " + variable, known);
    }
    merged.put(name, text);
  }

  private static Map<String, String> readFile(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG, "cannot read configuration file " + file + ": " + e, e);
    }
    Map<String, String> texts = new TreeMap<>();
    for (String name : new ArrayList<>(properties.stringPropertyNames())) {
      texts.put(name, properties.getProperty(name));
    }
    return texts;
  }
}
