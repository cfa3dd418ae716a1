package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LineReaderTest {
  @Property
  void linesJoinedByLineFeedsAreTheInput(
      @ForAll @Size(max = 400) byte[] input, @ForAll @IntRange(min = 1, max = 50) int chunkBytes)
      throws IOException {
    List<byte[]> lines = readAll(new Trickle(input, chunkBytes), Integer.MAX_VALUE);
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      assertThat(line).doesNotContain('\n');
      joined.write(line);
      joined.write('\n');
    }
    boolean openEnd = input.length > 0 && input[input.length - 1] != '\n';
    byte[] expected = openEnd ? append(input, (byte) '\n') : input;
    assertThat(joined.toByteArray()).isEqualTo(expected);
  }

  @Property
  void aLineIsRefusedExactlyWhenItIsLongerThanTheLimit(
      @ForAll @IntRange(max = 200_000) int length,
      @ForAll @IntRange(max = 200_000) int limit,
      @ForAll @IntRange(min = 1, max = 100_000) int chunkBytes)
      throws IOException {
    byte[] input = "ok\n".concat("x".repeat(length)).concat("\nnext").getBytes(ISO_8859_1);
    LineReader reader = new LineReader(new Trickle(input, chunkBytes), Math.max(4, limit));
    assertThat(reader.next()).asString(ISO_8859_1).isEqualTo("ok");
    if (length > Math.max(4, limit)) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(HighwaterException.class)
          .hasMessageStartingWith("line 2 ")
          .extracting(thrown -> ((HighwaterException) thrown).code())
          .isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    } else {
      assertThat(reader.next()).hasSize(length);
      assertThat(reader.next()).asString(ISO_8859_1).isEqualTo("next");
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void keepsCarriageReturnsNulsEmptyLinesAndAnOpenLastLine() throws IOException {
    List<byte[]> lines = readAll(bytes("a\r\n\n\u0000\u00ff\nlast"), 10);
    assertThat(lines)
        .extracting(line -> new String(line, ISO_8859_1))
        .containsExactly("a\r", "", "\u0000\u00ff", "last");
  }

  @Test
  void anEmptyInputHasNoLineAndALoneLineFeedOneEmptyLine() throws IOException {
    assertThat(readAll(bytes(""), 10)).isEmpty();
    assertThat(readAll(bytes("\n"), 10)).hasSize(1);
  }

  @Test
  void doesNotReadTheRestOfALineThatIsTooLong() {
    Endless endless = new Endless();
    LineReader reader = new LineReader(endless, 1_000_000);
    assertThatThrownBy(reader::next).hasMessage("line 1 is longer than 1000000 bytes");
    assertThat(endless.bytes).isLessThan(1_200_000);
  }

  @Test
  void saysWhereTheNextLineBegins() throws IOException {
    LineReader reader = new LineReader(bytes("ab\nc\n"), 10);
    assertThat(reader.nextPosition()).isZero();
    reader.next();
    assertThat(reader.nextPosition()).isEqualTo(3);
    assertThat(reader.lineNumber()).isEqualTo(1);
    reader.next();
    assertThat(reader.nextPosition()).isEqualTo(5);
  }

  private static List<byte[]> readAll(InputStream in, int limit) throws IOException {
    LineReader reader = new LineReader(in, limit);
    List<byte[]> lines = new ArrayList<>();
    for (byte[] line = reader.next(); line != null; line = reader.next()) {
      lines.add(line);
    }
    return lines;
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(ISO_8859_1));
  }

  private static byte[] append(byte[] bytes, byte last) {
    byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 1);
    longer[bytes.length] = last;
    return longer;
  }

  /** Hands out a few bytes at a time, as a pipe may. */
  private static final class Trickle extends ByteArrayInputStream {
    private final int chunkBytes;

    Trickle(byte[] bytes, int chunkBytes) {
      super(bytes);
      this.chunkBytes = chunkBytes;
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) {
      return super.read(into, offset, Math.min(length, chunkBytes));
    }
  }

  private static final class Endless extends InputStream {
    private long bytes;

    @Override
    public int read() {
      bytes++;
      return 'x';
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      bytes += length;
      return length;
    }
  }
}
