package io.highwater.replication.control;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds what newer software wrote and this one does not know: it must not be passed over. */
final class UnknownFields {
  private UnknownFields() {}

  /** Where the first one is, for people; empty when all is known. */
  static Optional<String> in(Message message) {
    if (!message.getUnknownFields().asMap().isEmpty()) {
      return Optional.of(
          message.getDescriptorForType().getName()
              + " with field "
              + message.getUnknownFields().asMap().keySet().iterator().next());
    }
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      if (field.getKey().getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      List<?> parts =
          field.getKey().isRepeated() ? (List<?>) field.getValue() : List.of(field.getValue());
      for (Object part : parts) {
        Optional<String> unknown = in((Message) part);
        if (unknown.isPresent()) {
          return unknown;
        }
      }
    }
    return Optional.empty();
  }
}
