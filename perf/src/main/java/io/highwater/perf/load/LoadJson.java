package io.highwater.perf.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Specs and results as one line of JSON each. Unknown fields are ignored. */
public final class LoadJson {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private LoadJson() {}

  /**
   * One line, without its end.
   *
   * @throws IllegalArgumentException when the value is nothing that JSON can say
   */
  public static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }

  /**
   * A spec.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public static LoadSpec spec(String json) {
    return read(json, LoadSpec.class);
  }

  /**
   * A result.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public static LoadResult result(String json) {
    return read(json, LoadResult.class);
  }

  private static <T> T read(String json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "no " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
  }
}
