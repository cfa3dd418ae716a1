package io.highwater.log.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32C;

/** The CRC-32C of a text as eight hexadecimal digits, for formats that have room for one. */
final class TextChecksum {
  private TextChecksum() {}

  static String of(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
