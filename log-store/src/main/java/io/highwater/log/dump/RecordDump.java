package io.highwater.log.dump;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import io.highwater.proto.record.RecordHeader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Writes the records of a batch, a line each; bytes that are not printable are escaped. */
final class RecordDump implements AutoCloseable {
  private final Appendable out;
  private final RecordCursor cursor = new RecordCursor();

  RecordDump(Appendable out) {
    this.out = out;
  }

  /** Returns whether all of them could be read. */
  boolean dump(BatchView batch) throws IOException {
    try {
      cursor.wrap(batch.buffer(), batch.offset());
      while (cursor.next()) {
        out.append("| offset: ").append(Long.toString(cursor.offset()));
        out.append(" timestamp: ").append(Long.toString(cursor.timestamp()));
        out.append(" key: ");
        escape(cursor.key());
        out.append(" value: ");
        escape(cursor.value());
        for (RecordHeader header : cursor.headers()) {
          out.append(" header ");
          escape(header.key().getBytes(StandardCharsets.UTF_8));
          out.append('=');
          escape(header.value());
        }
        out.append('\n');
      }
      return true;
    } catch (HighwaterException e) {
      out.append("| NOT READABLE: ").append(e.toString()).append('\n');
      return false;
    }
  }

  /** A record's bytes must not drive the terminal that shows them. */
  private void escape(byte[] bytes) throws IOException {
    if (bytes == null) {
      out.append("null");
      return;
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        out.append("\\\\");
      } else if (Character.isISOControl(c)) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
  }

  @Override
  public void close() {
    cursor.close();
  }
}
