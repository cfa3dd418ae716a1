package io.highwater.client.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** {@code --output}: whether people or a machine read what a verb prints. */
public final class OutputOption {
  /** The forms there are. */
  public enum Format {
    /** For people; may change. */
    text,
    /** For machines: one JSON value on a line of its own. Fields are only ever added. */
    json
  }

  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; text by default. A machine reads json.")
  private Format format = Format.text;

  /** Whether a machine reads it. */
  public boolean isJson() {
    return format == Format.json;
  }

  /**
   * Prints a result in the form asked for.
   *
   * @param value a record, map or list that becomes JSON
   * @param text the same for people, with its line ends
   */
  public void print(CliStreams streams, Object value, Supplier<String> text) throws IOException {
    streams.print(isJson() ? toJson(value) + "\n" : text.get());
  }

  private static String toJson(Object value) throws JsonProcessingException {
    return new ObjectMapper().writeValueAsString(value);
  }
}
