package io.highwater.client.cli;

import io.highwater.client.consumer.ConsumerRecord;
import java.io.IOException;
import java.io.OutputStream;

/** Writes a record that was read. */
@FunctionalInterface
interface RecordPrinter {
  /** Writes the record, with its end, to a buffered stream. */
  void print(ConsumerRecord record, OutputStream out) throws IOException;
}
