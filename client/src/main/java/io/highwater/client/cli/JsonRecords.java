package io.highwater.client.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.proto.record.RecordHeader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A JSON object per record, each on a line of its own. Bytes that are UTF-8 are a string; others
 * are base64 in a field whose name ends in {@code Base64}.
 */
final class JsonRecords implements RecordPrinter {
  private final JsonFactory factory =
      JsonFactory.builder()
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
          .build();

  @Override
  public void print(ConsumerRecord record, OutputStream out) throws IOException {
    try (JsonGenerator json = factory.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("topic", record.topic());
      json.writeNumberField("partition", record.partition());
      json.writeNumberField("offset", record.offset());
      json.writeNumberField("timestamp", record.timestamp());
      writeBytes(json, "key", record.key());
      writeBytes(json, "value", record.value());
      json.writeArrayFieldStart("headers");
      for (RecordHeader header : record.headers()) {
        json.writeStartObject();
        json.writeStringField("key", header.key());
        writeBytes(json, "value", header.value());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void writeBytes(JsonGenerator json, String name, byte[] bytes) throws IOException {
    if (bytes == null) {
      json.writeNullField(name);
      return;
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      json.writeStringField(name, text);
    } catch (CharacterCodingException e) {
      json.writeBinaryField(name + "Base64", bytes);
    }
  }
}
