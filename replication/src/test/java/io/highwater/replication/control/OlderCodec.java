package io.highwater.replication.control;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import io.highwater.proto.v1.Error;
import io.highwater.replication.control.MetadataCommand.Unknown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads the metadata log as software does that speaks an older level: by its own copy of the
 * schema, kept as it was.
 */
final class OlderCodec {
  private final FileDescriptor schema;
  private final int level;

  private OlderCodec(FileDescriptor schema, int level) {
    this.schema = schema;
    this.level = level;
  }

  static OlderCodec ofLevel(int level) {
    String name = "metadata_log_level" + level + ".textproto";
    try (InputStream in = OlderCodec.class.getResourceAsStream(name)) {
      FileDescriptorProto.Builder file = FileDescriptorProto.newBuilder();
      TextFormat.merge(new String(in.readAllBytes(), StandardCharsets.UTF_8), file);
      return new OlderCodec(
          FileDescriptor.buildFrom(
              file.build(), new FileDescriptor[] {Error.getDescriptor().getFile()}),
          level);
    } catch (IOException | DescriptorValidationException e) {
      throw new IllegalStateException(name, e);
    }
  }

  /** What its software speaks. */
  SortedMap<String, LevelRange> supported() {
    SortedMap<String, LevelRange> supported = new TreeMap<>();
    supported.put(Feature.METADATA_VERSION.key(), new LevelRange(1, level));
    return supported;
  }

  /** As {@link CommandCodec#decode}. */
  MetadataCommand decode(byte[] bytes) {
    try {
      Optional<String> unknown =
          UnknownFields.in(
              DynamicMessage.parseFrom(schema.findMessageTypeByName("MetadataRecord"), bytes));
      return unknown.<MetadataCommand>map(Unknown::new).orElseGet(() -> CommandCodec.decode(bytes));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a metadata command", e);
    }
  }
}
