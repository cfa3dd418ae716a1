package io.highwater.perf.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/** Records made beforehand, sent again and again in turn, with their checksums. Never changed. */
final class Payloads {
  private static final int MAX_GENERATED = 4096;
  private static final int GENERATED_BYTES = 4 << 20;
  private static final int MAX_FILE_BYTES = 256 << 20;
  private static final String[] EVENTS = {
    "page_view", "add_to_cart", "checkout", "payment", "search", "sign_in", "sign_out", "refund"
  };
  private static final String[] PLACES = {
    "Amsterdam", "Berlin", "Chicago", "Delhi", "Nairobi", "Osaka", "Recife", "Toronto"
  };

  private final byte[][] records;
  private final int[] checksums;

  private Payloads(byte[][] records) {
    this.records = records;
    this.checksums = new int[records.length];
    CRC32C crc = new CRC32C();
    for (int i = 0; i < records.length; i++) {
      checksums[i] = checksum(crc, records[i], 0, records[i].length);
    }
  }

  /**
   * Reads or generates them.
   *
   * @throws IOException when the file cannot be read
   * @throws IllegalArgumentException when it is empty or above 256 MiB
   */
  static Payloads of(PayloadSpec spec) throws IOException {
    return new Payloads(
        spec.file() == null
            ? generate(spec.recordBytes(), spec.seed())
            : linesOf(Path.of(spec.file())));
  }

  /** How many there are. */
  int count() {
    return records.length;
  }

  /** One of them. */
  byte[] at(int index) {
    return records[index];
  }

  /** The CRC32C of one of them, as a signed int. */
  int checksumAt(int index) {
    return checksums[index];
  }

  /** The CRC32C of some bytes, as a signed int. */
  static int checksum(CRC32C crc, byte[] array, int from, int length) {
    crc.reset();
    crc.update(array, from, length);
    return (int) crc.getValue();
  }

  private static byte[][] linesOf(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IllegalArgumentException(
          "payload file " + file + " is above " + (MAX_FILE_BYTES >> 20) + " MiB");
    }
    List<byte[]> lines = new ArrayList<>();
    // Bytes that are not UTF-8 stay as they are when both ends use the same single-byte charset.
    try (BufferedReader reader = Files.newBufferedReader(file, ISO_8859_1)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isEmpty()) {
          lines.add(line.getBytes(ISO_8859_1));
        }
      }
    }
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("payload file " + file + " has no lines");
    }
    return lines.toArray(new byte[0][]);
  }

  private static byte[][] generate(int recordBytes, long seed) {
    Random random = new Random(seed);
    int count = Math.max(1, Math.min(MAX_GENERATED, GENERATED_BYTES / recordBytes));
    byte[][] records = new byte[count][];
    for (int i = 0; i < count; i++) {
      records[i] = record(random, recordBytes);
    }
    return records;
  }

  /**
   * An event as services write them: repeated names, varied values, as long as is wanted and then
   * cut.
   */
  private static byte[] record(Random random, int recordBytes) {
    StringBuilder json = new StringBuilder(recordBytes + 128);
    json.append("{\"id\":\"").append(Long.toHexString(random.nextLong()));
    json.append("\",\"user\":").append(random.nextInt(1_000_000));
    json.append(",\"event\":\"").append(EVENTS[random.nextInt(EVENTS.length)]);
    json.append("\",\"at\":").append(1_790_000_000_000L + random.nextInt(1_000_000_000));
    json.append(",\"city\":\"").append(PLACES[random.nextInt(PLACES.length)]);
    json.append("\",\"amount\":").append(random.nextInt(100_000) / 100.0);
    for (int item = 0; json.length() < recordBytes; item++) {
      json.append(item == 0 ? ",\"items\":[{\"sku\":\"" : "},{\"sku\":\"");
      json.append(Integer.toHexString(random.nextInt()));
      json.append("\",\"quantity\":").append(1 + random.nextInt(9));
      json.append(",\"price\":").append(random.nextInt(50_000) / 100.0);
      json.append(",\"place\":\"").append(PLACES[random.nextInt(PLACES.length)]).append('"');
    }
    json.setLength(recordBytes);
    return json.toString().getBytes(UTF_8);
  }
}
