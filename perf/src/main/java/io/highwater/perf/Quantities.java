package io.highwater.perf;

import io.highwater.perf.load.Extent;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes and times as people type them. */
final class Quantities {
  private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(|k|kib|m|mib)");
  private static final Pattern COUNT = Pattern.compile("\\d{1,15}");

  private Quantities() {}

  /** {@code 500ms}, {@code 20s} or {@code 2m}, in milliseconds. */
  static final class Time implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      Matcher matcher = TIME.matcher(text);
      if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
        throw new TypeConversionException("'" + text + "' is no time such as 500ms, 20s or 2m");
      }
      long number = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> number;
        case "s" -> number * 1_000;
        default -> number * 60_000;
      };
    }
  }

  /** A number of records, or a time. */
  static final class RecordsOrTime implements ITypeConverter<Extent> {
    @Override
    public Extent convert(String text) {
      if (COUNT.matcher(text).matches()) {
        return Extent.ofRecords(Long.parseLong(text));
      }
      if (!TIME.matcher(text).matches()) {
        throw new TypeConversionException(
            "'" + text + "' is neither a number of records nor a time such as 500ms, 20s or 2m");
      }
      return Extent.ofMillis(new Time().convert(text));
    }
  }

  /** Bytes, {@code 16KiB} or {@code 1MiB}. */
  static final class Size implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
      if (!matcher.matches()) {
        throw new TypeConversionException("'" + text + "' is no size such as 1000, 16KiB or 1MiB");
      }
      long factor =
          switch (matcher.group(2)) {
            case "" -> 1;
            case "k", "kib" -> 1 << 10;
            default -> 1 << 20;
          };
      long bytes = Long.parseLong(matcher.group(1)) * factor;
      if (bytes < 1 || bytes > Integer.MAX_VALUE) {
        throw new TypeConversionException("'" + text + "' is not from 1 byte to 2047 MiB");
      }
      return (int) bytes;
    }
  }
}
