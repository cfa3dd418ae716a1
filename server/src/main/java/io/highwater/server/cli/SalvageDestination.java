package io.highwater.server.cli;

import io.highwater.client.cli.RecordTarget;
import io.highwater.log.salvage.BatchFile;
import io.highwater.log.salvage.LogSalvage;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import java.io.Closeable;
import java.io.IOException;

/** Where {@code log salvage} puts what it finds. One thread. */
interface SalvageDestination extends LogSalvage.Target, Closeable {
  /** Nowhere: a dry run. */
  SalvageDestination NONE =
      new SalvageDestination() {
        @Override
        public void batch(BatchView batch, long fromOffset, boolean readable) {
          // Only the report counts.
        }

        @Override
        public void complete() {
          // Nothing was begun.
        }

        @Override
        public Written written() {
          return new Written(0, 0, 0);
        }

        @Override
        public void close() {
          // Nothing was opened.
        }
      };

  /** Waits until all is where it should be. */
  void complete() throws IOException;

  /** What is there by now. */
  Written written();

  /**
   * What was written: batches and their bytes, or records.
   *
   * @param batches as they were
   * @param bytes of these
   * @param records taken out of theirs
   */
  record Written(long batches, long bytes, long records) {}

  /** Sound batches as they are. */
  static SalvageDestination of(BatchFile file) {
    return new SalvageDestination() {
      @Override
      public void batch(BatchView batch, long fromOffset, boolean readable) throws IOException {
        file.batch(batch, fromOffset, readable);
      }

      @Override
      public void complete() throws IOException {
        file.complete();
      }

      @Override
      public Written written() {
        return new Written(file.batches(), file.bytes(), 0);
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  /** The records of batches that can be read; markers of transactions are none. */
  static SalvageDestination of(RecordTarget target) {
    RecordCursor records = new RecordCursor();
    return new SalvageDestination() {
      @Override
      public void batch(BatchView batch, long fromOffset, boolean readable) throws IOException {
        if (!readable || batch.isControl()) {
          return;
        }
        records.wrap(batch.buffer(), batch.offset());
        while (records.next()) {
          if (records.offset() >= fromOffset) {
            target.add(records, batch.leaderEpoch());
          }
        }
      }

      @Override
      public void complete() throws IOException {
        target.complete();
      }

      @Override
      public Written written() {
        return new Written(0, 0, target.written());
      }

      @Override
      public void close() throws IOException {
        records.close();
        target.close();
      }
    };
  }
}
