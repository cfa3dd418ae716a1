package io.highwater.perf.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A file of result lines: one JSON object each, UTF-8, only ever appended to. */
public final class ResultsFile {
  /** More is no results file that this harness has written. */
  private static final long MAX_BYTES = 256L << 20;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private final Path file;

  /** A file that need not be there yet. */
  public ResultsFile(Path file) {
    this.file = file;
  }

  /**
   * Appends a line. One write, so that a run that is killed leaves whole lines.
   *
   * @throws IOException when it cannot be written
   */
  public void append(ResultLine line) throws IOException {
    Files.writeString(
        file,
        JSON.writeValueAsString(line) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /**
   * Reads all lines; blank ones do not count.
   *
   * @throws IllegalArgumentException when there is none, or one is damaged, naming file and line
   * @throws IOException when the file cannot be read
   */
  public List<ResultLine> read() throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IllegalArgumentException(
          file + " has " + size + " bytes; a results file has at most " + MAX_BYTES);
    }
    List<ResultLine> lines = new ArrayList<>();
    int number = 0;
    try (BufferedReader reader = Files.newBufferedReader(file, UTF_8)) {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        number++;
        if (!text.isBlank()) {
          lines.add(parse(text, number));
        }
      }
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          file + ": not UTF-8 text after line " + number + ", so no results file", e);
    }
    if (lines.isEmpty()) {
      throw new IllegalArgumentException(file + " holds no results");
    }
    return lines;
  }

  private ResultLine parse(String text, int number) {
    try {
      ResultLine line = JSON.readValue(text, ResultLine.class);
      if (line == null) {
        throw new IllegalArgumentException(file + ":" + number + ": null is no result");
      }
      return line;
    } catch (JsonMappingException e) {
      Throwable cause = e.getCause() instanceof IllegalArgumentException why ? why : e;
      String what =
          cause == e
              ? "not a result: " + e.getOriginalMessage()
              : "the result " + cause.getMessage();
      throw new IllegalArgumentException(file + ":" + number + ": " + what, e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ":" + number + ": not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
