package io.highwater.perf.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PayloadsTest {
  @Property(tries = 20)
  void generatedRecordsHaveTheSizeAndAreTheSameEachTime(
      @ForAll @IntRange(min = 1, max = 4_000) int bytes) throws IOException {
    Payloads one = Payloads.of(PayloadSpec.ofBytes(bytes));
    Payloads other = Payloads.of(PayloadSpec.ofBytes(bytes));

    assertThat(one.count()).isEqualTo(other.count());
    for (int i = 0; i < one.count(); i += 97) {
      assertThat(one.at(i)).hasSize(bytes).isEqualTo(other.at(i));
    }
  }

  @Property
  void aStampIsReadBackAndChangesNothingElse(
      @ForAll long stamp, @ForAll @IntRange(min = 1, max = 100) int bytes) throws IOException {
    byte[] plain = Payloads.of(PayloadSpec.ofBytes(bytes)).at(0);
    StampedPayloads payloads = new StampedPayloads(PayloadSequence.cycling(pool(plain), 0));

    byte[] stamped = payloads.next(stamp);

    assertThat(StampedPayloads.stampOf(stamped, 0, stamped.length)).isEqualTo(stamp);
    assertThat(stamped.length).isEqualTo(Math.max(StampedPayloads.STAMP_BYTES, bytes));
    for (int i = StampedPayloads.STAMP_BYTES; i < bytes; i++) {
      assertThat(stamped[i]).isEqualTo(plain[i]);
    }
    TallyVisitor visitor = new TallyVisitor();
    visitor.record(0, 0, stamped, 0, stamped.length);
    assertThat(visitor.tally().checksum()).isEqualTo(payloads.checksum() & 0xffff_ffffL);
  }

  @Test
  void bytesThatAreNoStampAreNone() {
    byte[] text = "{\"id\":\"0123456789abcdef\"}".getBytes(UTF_8);

    assertThat(StampedPayloads.stampOf(text, 0, text.length)).isEqualTo(SendCompletion.NO_TOKEN);
    assertThat(StampedPayloads.stampOf(text, 0, 3)).isEqualTo(SendCompletion.NO_TOKEN);
  }

  @Test
  void linesOfAFileAreRecordsByteForByte(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("lines");
    Files.write(file, new byte[] {'a', (byte) 0xff, '\n', '\n', 'b', '\n'});

    Payloads payloads = Payloads.of(PayloadSpec.ofFile(file.toString()));

    assertThat(payloads.count()).isEqualTo(2);
    assertThat(payloads.at(0)).containsExactly('a', 0xff);
    assertThat(payloads.at(1)).containsExactly('b');
  }

  @Test
  void aFileWithoutLinesIsRefused(@TempDir Path directory) throws IOException {
    Path file = Files.createFile(directory.resolve("empty"));

    assertThatThrownBy(() -> Payloads.of(PayloadSpec.ofFile(file.toString())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no lines");
    assertThatThrownBy(() -> Payloads.of(PayloadSpec.ofFile(file + "-not")))
        .isInstanceOf(NoSuchFileException.class);
  }

  private static Payloads pool(byte[] only) throws IOException {
    return Payloads.of(PayloadSpec.ofBytes(only.length));
  }
}
