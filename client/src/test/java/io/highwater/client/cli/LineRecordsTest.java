package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LineRecordsTest {
  @Test
  void splitsAtTheFirstKeySeparator() throws IOException {
    LineRecords records = records("k::v::w\n::v\n", "::", 1_000);
    ProducerRecord first = records.next();
    assertThat(first.key()).asString(UTF_8).isEqualTo("k");
    assertThat(first.value()).asString(UTF_8).isEqualTo("v::w");
    assertThat(records.next().key()).isEmpty();
    assertThat(records.next()).isNull();
  }

  @Test
  void namesALineWithoutAKeySeparator() throws IOException {
    LineRecords records = records("k:v\nno key\n", ":", 1_000);
    records.next();
    assertThatThrownBy(records::next)
        .isInstanceOf(HighwaterException.class)
        .hasMessageStartingWith("line 2 ");
  }

  @Test
  void withoutASeparatorALineIsAValueWithoutAKey() throws IOException {
    ProducerRecord record = records("k:v", null, 1_000).next();
    assertThat(record.key()).isNull();
    assertThat(record.value()).asString(UTF_8).isEqualTo("k:v");
  }

  @Property(tries = 200)
  void takesExactlyTheLinesThatFitTheTopicsLimit(
      @ForAll @IntRange(max = 300) int valueBytes, @ForAll @IntRange(min = 70, max = 400) int limit)
      throws IOException {
    String line = "x".repeat(valueBytes);
    ProducerRecord record = ProducerRecord.of("t", null, line.getBytes(UTF_8));
    LineRecords records = records("first\n" + line + "\nlast\n", null, Math.max(limit, 80));
    records.next();
    if (Producer.sizeInBatch(record) <= Math.max(limit, 80)) {
      assertThat(records.next().value()).hasSize(valueBytes);
    } else {
      assertThatThrownBy(records::next)
          .isInstanceOf(HighwaterException.class)
          .hasMessageStartingWith("line 2 ")
          .extracting(thrown -> ((HighwaterException) thrown).code())
          .isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    }
  }

  private static LineRecords records(String text, String separator, int limit) {
    LineReader lines = new LineReader(new ByteArrayInputStream(text.getBytes(UTF_8)), limit);
    return new LineRecords(lines, "t", null, separator, limit);
  }
}
