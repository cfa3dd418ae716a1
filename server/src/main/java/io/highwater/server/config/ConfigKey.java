package io.highwater.server.config;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One configuration key: name, default and meaning in one definition.
 *
 * @param name as it stands in files and flags, e.g. {@code log.segment.bytes}
 * @param defaultText used when nobody gives a value; empty means "not set"
 * @param doc one line for people
 * @param parser turns text into the value; says what it wants in the message of the {@link
 *     IllegalArgumentException} that it throws
 * @param <T> type of the value
 */
public record ConfigKey<T>(
    String name, String defaultText, String doc, Function<String, T> parser) {

  /** A whole number between {@code min} and {@code max}, both inclusive. */
  public static ConfigKey<Integer> ofInt(
      String name, int defaultValue, int min, int max, String doc) {
    return new ConfigKey<>(
        name,
        Integer.toString(defaultValue),
        doc,
        text -> Math.toIntExact(parseWhole(text, min, max)));
  }

  /** A whole number between {@code min} and {@code max}, both inclusive. */
  public static ConfigKey<Long> ofLong(
      String name, long defaultValue, long min, long max, String doc) {
    return new ConfigKey<>(
        name, Long.toString(defaultValue), doc, text -> parseWhole(text, min, max));
  }

  /** A number above 0, up to 1. */
  public static ConfigKey<Double> ofRatio(String name, double defaultValue, String doc) {
    return new ConfigKey<>(name, Double.toString(defaultValue), doc, ConfigKey::parseRatio);
  }

  /** {@code true} or {@code false}. */
  public static ConfigKey<Boolean> ofBoolean(String name, boolean defaultValue, String doc) {
    return new ConfigKey<>(
        name,
        Boolean.toString(defaultValue),
        doc,
        text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new IllegalArgumentException("must be true or false");
            });
  }

  /** Any text; empty when not set. */
  public static ConfigKey<String> ofText(String name, String defaultValue, String doc) {
    return new ConfigKey<>(name, defaultValue, doc, text -> text);
  }

  /** Elements separated by commas, blanks around them dropped; empty when not set. */
  public static ConfigKey<List<String>> ofList(String name, String defaultValue, String doc) {
    return new ConfigKey<>(
        name,
        defaultValue,
        doc,
        text ->
            Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList());
  }

  /**
   * Parses a value.
   *
   * @throws HighwaterException INVALID_CONFIG naming key, value and range
   */
  public T parse(String text) {
    try {
      return parser.apply(text.strip());
    } catch (IllegalArgumentException e) {
      throw invalid(text, e.getMessage());
    }
  }

  /** The error that names this key, the value given and why it cannot be. */
  public HighwaterException invalid(Object value, String why) {
    return new HighwaterException(ErrorCode.INVALID_CONFIG, name + "=" + value + ": " + why);
  }

  /**
   * The error for a key that nobody knows, with the nearest one that exists.
   *
   * @param where the key was found, e.g. {@code --set}
   */
  public static HighwaterException unknown(String name, String where, Collection<String> known) {
    return new HighwaterException(ErrorCode.INVALID_CONFIG, unknownText(name, where, known));
  }

  static String unknownText(String name, String where, Collection<String> known) {
    String hint = Nearest.of(name, known).map(near -> ", did you mean '" + near + "'?").orElse("");
    return "unknown configuration key '" + name + "' (" + where + ")" + hint;
  }

  /** The names of some keys. */
  public static List<String> names(Collection<ConfigKey<?>> keys) {
    return keys.stream().map(ConfigKey::name).collect(Collectors.toList());
  }

  private static long parseWhole(String text, long min, long max) {
    String range = "must be a whole number from " + min + " to " + max;
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(range, e);
    }
    if (value < min || value > max) {
      throw new IllegalArgumentException(range);
    }
    return value;
  }

  private static double parseRatio(String text) {
    try {
      double value = Double.parseDouble(text);
      if (value > 0 && value <= 1) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a number above 0, up to 1", e);
    }
    throw new IllegalArgumentException("must be a number above 0, up to 1");
  }
}
