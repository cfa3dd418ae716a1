package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.client.consumer.ConsumerRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code --format}: text with places for a record's fields, a line feed after each record. Key and
 * value come as their bytes are; null is nothing.
 */
final class RecordFormat implements RecordPrinter {
  /** What it understands, for the help. */
  static final String HELP =
      "%%p partition, %%o offset, %%t timestamp (ms since 1970), %%k key, %%v value, %%%% a percent"
          + " sign, \\t a tab, \\n a line feed, \\0 a NUL.";

  private final List<RecordPrinter> parts = new ArrayList<>();

  private RecordFormat() {}

  /**
   * Reads a format.
   *
   * @throws IllegalArgumentException naming the place that means nothing
   */
  static RecordFormat parse(String format) {
    RecordFormat parsed = new RecordFormat();
    StringBuilder text = new StringBuilder();
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i);
      if (c != '%' && c != '\\') {
        text.append(c);
        i++;
        continue;
      }
      String place = format.substring(i, Math.min(i + 2, format.length()));
      i += 2;
      RecordPrinter field = field(place);
      if (field == null) {
        text.append(character(place));
      } else {
        parsed.addText(text);
        parsed.parts.add(field);
      }
    }
    parsed.addText(text.append('\n'));
    return parsed;
  }

  @Override
  public void print(ConsumerRecord record, OutputStream out) throws IOException {
    for (RecordPrinter part : parts) {
      part.print(record, out);
    }
  }

  private void addText(StringBuilder text) {
    byte[] bytes = text.toString().getBytes(UTF_8);
    text.setLength(0);
    if (bytes.length > 0) {
      parts.add((record, out) -> out.write(bytes));
    }
  }

  private static RecordPrinter field(String place) {
    return switch (place) {
      case "%p" -> (record, out) -> write(out, record.partition());
      case "%o" -> (record, out) -> write(out, record.offset());
      case "%t" -> (record, out) -> write(out, record.timestamp());
      case "%k" -> (record, out) -> write(out, record.key());
      case "%v" -> (record, out) -> write(out, record.value());
      default -> null;
    };
  }

  private static char character(String place) {
    return switch (place) {
      case "%%" -> '%';
      case "\\t" -> '\t';
      case "\\n" -> '\n';
      case "\\0" -> '\0';
      case "\\\\" -> '\\';
      default -> throw new IllegalArgumentException("'" + place + "' means nothing in a format");
    };
  }

  private static void write(OutputStream out, long number) throws IOException {
    out.write(Long.toString(number).getBytes(UTF_8));
  }

  private static void write(OutputStream out, byte[] bytes) throws IOException {
    if (bytes != null) {
      out.write(bytes);
    }
  }

  /** For the option. */
  static final class Converter implements ITypeConverter<RecordFormat> {
    @Override
    public RecordFormat convert(String text) {
      try {
        return parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
