package io.highwater.client.cli;

import io.highwater.client.consumer.Consumer;
import io.highwater.proto.TopicPartition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Where a consumer begins.
 *
 * @param kind by what the place is found
 * @param number the offset, or ms since 1970; else 0
 */
record StartPosition(Kind kind, long number) {
  enum Kind {
    EARLIEST,
    LATEST,
    OFFSET,
    TIMESTAMP
  }

  /**
   * Reads {@code earliest}, {@code latest}, an offset (digits alone), {@code @} and ms since 1970,
   * or an ISO-8601 date or date-time; without a zone it is UTC.
   *
   * @throws IllegalArgumentException saying what is wanted
   */
  static StartPosition parse(String text) {
    if (text.equals("earliest")) {
      return new StartPosition(Kind.EARLIEST, 0);
    }
    if (text.equals("latest")) {
      return new StartPosition(Kind.LATEST, 0);
    }
    try {
      if (text.matches("[0-9]+")) {
        return new StartPosition(Kind.OFFSET, Long.parseLong(text));
      }
      if (text.matches("@[0-9]+")) {
        return new StartPosition(Kind.TIMESTAMP, Long.parseLong(text.substring(1)));
      }
      return new StartPosition(Kind.TIMESTAMP, instant(text).toEpochMilli());
    } catch (NumberFormatException | DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not earliest, latest, an offset, @MILLISECONDS or an ISO-8601 time",
          e);
    }
  }

  private static Instant instant(String text) {
    if (!text.contains("T")) {
      return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    boolean zoned = text.matches(".*(Z|[+-][0-9:]+)");
    return zoned
        ? OffsetDateTime.parse(text).toInstant()
        : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
  }

  /** Moves assigned partitions there. */
  void seek(Consumer consumer, Collection<TopicPartition> partitions) {
    switch (kind) {
      case EARLIEST -> consumer.seekToBeginning(partitions);
      case LATEST -> consumer.seekToEnd(partitions);
      case TIMESTAMP -> consumer.seekToTimestamp(partitions, number);
      case OFFSET -> partitions.forEach(partition -> consumer.seek(partition, number));
    }
  }

  /** For the option. */
  static final class Converter implements ITypeConverter<StartPosition> {
    @Override
    public StartPosition convert(String text) {
      try {
        return parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
