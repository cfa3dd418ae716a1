package io.highwater.proto.record;

import java.util.Arrays;
import java.util.Objects;

/**
 * A header of a record.
 *
 * @param key its name; names may repeat within a record
 * @param value any bytes, or null; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by content below.
public record RecordHeader(String key, byte[] value) {
  public RecordHeader {
    Objects.requireNonNull(key, "key");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordHeader that
        && key.equals(that.key)
        && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return 31 * key.hashCode() + Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return key + "=" + (value == null ? "null" : value.length + " bytes");
  }
}
