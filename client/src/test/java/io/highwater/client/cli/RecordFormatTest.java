package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.proto.record.RecordHeader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFormatTest {
  @Test
  void putsFieldsIntoTheirPlaces() throws IOException {
    assertThat(print(RecordFormat.parse("%p/%o@%t %k=%v 100%%\\t."), bytes("key"), bytes("value")))
        .isEqualTo("2/17@1234 key=value 100%\t.\n");
  }

  @Test
  void valuesComeAsTheirBytesAreAndNullIsNothing() throws IOException {
    assertThat(print(RecordFormat.parse("%v"), null, bytes("\u0000\r\u00ff")))
        .isEqualTo("\u0000\r\u00ff\n");
    assertThat(print(RecordFormat.parse("[%k%v]"), null, null)).isEqualTo("[]\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%x", "%", "\\q", "a%v\\"})
  void namesAPlaceThatMeansNothing(String format) {
    assertThatThrownBy(() -> RecordFormat.parse(format))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("means nothing");
  }

  @Test
  void jsonKeepsTextReadableAndOtherBytesWhole() throws IOException {
    assertThat(
            print(
                new JsonRecords(),
                bytes("k\u00ff"),
                "Köln\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isEqualTo(
            "{\"topic\":\"t\",\"partition\":2,\"offset\":17,\"timestamp\":1234,\"keyBase64\":\"a/8=\","
                + "\"value\":\"K\u00c3\u00b6ln\\n\",\"headers\":[{\"key\":\"h\",\"value\":null}]}\n");
  }

  private static String print(RecordPrinter printer, byte[] key, byte[] value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<RecordHeader> headers = List.of(new RecordHeader("h", null));
    printer.print(new ConsumerRecord("t", 2, 17, 1234, 0, key, value, headers), out);
    return out.toString(ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
