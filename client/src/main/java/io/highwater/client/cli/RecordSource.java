package io.highwater.client.cli;

import io.highwater.client.producer.ProducerRecord;
import java.io.IOException;

/** Records to produce, one after the other. */
interface RecordSource {
  /**
   * The next record, or null when there is none.
   *
   * @throws io.highwater.proto.HighwaterException MESSAGE_TOO_LARGE naming the line
   */
  ProducerRecord next() throws IOException;

  /** How much of the whole lies before the next record: 0 to 1. */
  double progress();
}
