package io.highwater.replication.control;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * One setting that a topic can have: name, default and what it may be, in one definition.
 *
 * @param name in configurations, Kafka's where Kafka has one
 * @param defaultText the value where a topic sets none
 * @param parser turns text without blanks around it into the value; says in the message of its
 *     {@link IllegalArgumentException} what the value must be
 * @param <T> type of the value
 */
public record TopicConfig<T>(String name, String defaultText, Function<String, T> parser) {

  static TopicConfig<Integer> ofInt(String name, int defaultValue, int least, int greatest) {
    return new TopicConfig<>(
        name,
        Integer.toString(defaultValue),
        text -> Math.toIntExact(parseWhole(text, least, greatest)));
  }

  static TopicConfig<Long> ofLong(String name, long defaultValue, long least) {
    return new TopicConfig<>(
        name, Long.toString(defaultValue), text -> parseWhole(text, least, Long.MAX_VALUE));
  }

  static TopicConfig<Boolean> ofBoolean(String name, boolean defaultValue) {
    return new TopicConfig<>(
        name,
        Boolean.toString(defaultValue),
        text -> Boolean.valueOf(parseChoice(text, List.of("true", "false"))));
  }

  /** A number from 0 to 1. */
  static TopicConfig<Double> ofRatio(String name, double defaultValue) {
    return new TopicConfig<>(name, Double.toString(defaultValue), TopicConfig::parseRatio);
  }

  /** One of some words. */
  static TopicConfig<String> ofChoice(String name, String defaultValue, List<String> choices) {
    return new TopicConfig<>(name, defaultValue, text -> parseChoice(text, choices));
  }

  /** One or more of some words, separated by commas. */
  static TopicConfig<List<String>> ofChoices(
      String name, String defaultValue, List<String> choices) {
    return new TopicConfig<>(name, defaultValue, text -> parseChoices(text, choices));
  }

  /** The value in settings that were found to be without a {@link TopicConfigs#problem}. */
  public T in(Map<String, String> configs) {
    return parser.apply(configs.getOrDefault(name, defaultText).strip());
  }

  /** Whether the settings name it. */
  public boolean isSetIn(Map<String, String> configs) {
    return configs.containsKey(name);
  }

  /** What is wrong with a value, naming the setting; empty when nothing is. */
  Optional<String> problemOf(String value) {
    try {
      Objects.requireNonNull(parser.apply(value.strip()), name);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(name + " " + e.getMessage());
    }
  }

  private static long parseWhole(String text, long least, long greatest) {
    long number;
    try {
      number = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a whole number, not '" + text + "'", e);
    }
    if (number < least || number > greatest) {
      throw new IllegalArgumentException(
          "must be from " + least + " to " + greatest + ", not " + text);
    }
    return number;
  }

  private static double parseRatio(String text) {
    double number;
    try {
      number = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a number, not '" + text + "'", e);
    }
    if (!(number >= 0 && number <= 1)) {
      throw new IllegalArgumentException("must be from 0 to 1, not " + text);
    }
    return number;
  }

  private static String parseChoice(String text, List<String> choices) {
    if (!choices.contains(text)) {
      throw new IllegalArgumentException(
          "must be one of " + String.join(", ", choices) + ", not '" + text + "'");
    }
    return text;
  }

  private static List<String> parseChoices(String text, List<String> choices) {
    List<String> words = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    if (!choices.containsAll(words)) {
      throw new IllegalArgumentException(
          "must be one or more of " + String.join(", ", choices) + ", not '" + text + "'");
    }
    return words;
  }
}
