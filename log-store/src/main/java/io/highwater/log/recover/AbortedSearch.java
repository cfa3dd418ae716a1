package io.highwater.log.recover;

import io.highwater.log.LogContext;
import io.highwater.log.LogView;
import io.highwater.log.index.AbortedTransaction;
import io.highwater.log.index.TransactionIndex;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.SegmentData;
import io.highwater.log.segment.SegmentList;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Finds the transactions that were aborted in a range of a log. Any thread. */
public final class AbortedSearch {
  private final LogContext context;
  private final LogView view;
  private final ProducerReplay replay;

  /** Searches what {@code view} shows. */
  public AbortedSearch(LogContext context, LogView view) {
    this.context = context;
    this.view = view;
    this.replay = new ProducerReplay(context);
  }

  /** See {@link io.highwater.log.PartitionLog#abortedTransactions}. */
  public List<AbortedTransaction> find(long from, long to) {
    while (true) {
      int cuts = view.cuts();
      SegmentList segments = view.segments();
      try {
        List<AbortedTransaction> found = search(segments, from, to);
        if (cuts == view.cuts()) {
          return found;
        }
      } catch (IOException e) {
        if (cuts == view.cuts() && segments == view.segments()) {
          throw new HighwaterException(
              ErrorCode.KAFKA_STORAGE_ERROR,
              "searching " + context.partition() + ": " + FaultText.of(e),
              e);
        }
      }
    }
  }

  /** Goes on until an entry says that nothing later reaches into the range, as Kafka does. */
  private List<AbortedTransaction> search(SegmentList segments, long from, long to)
      throws IOException {
    List<AbortedTransaction> found = new ArrayList<>();
    for (int i = segments.floorIndex(from); i < segments.size(); i++) {
      for (AbortedTransaction aborted : abortedBy(segments, i)) {
        if (aborted.lastOffset() >= from && aborted.firstOffset() < to) {
          found.add(aborted);
        }
        if (aborted.lastStableOffset() >= to) {
          return found;
        }
      }
    }
    return found;
  }

  private List<AbortedTransaction> abortedBy(SegmentList segments, int index) throws IOException {
    SegmentData data = segments.get(index).acquire();
    TransactionIndex known = data.transactions();
    data.release();
    return known.isKnown() ? known.entries() : replayed(segments, index);
  }

  /** REC-4: the batches of the segment say it, given who had what open before it. */
  private List<AbortedTransaction> replayed(SegmentList segments, int index) throws IOException {
    long base = segments.get(index).baseOffset();
    long end =
        index + 1 < segments.size() ? segments.get(index + 1).baseOffset() : view.offsets().end();
    long first = segments.first().baseOffset();
    ProducerStates producers = new ProducerStates(Long.MAX_VALUE);
    long start = Math.max(first, replay.loadSnapshot(first, base, producers));
    List<AbortedTransaction> found = new ArrayList<>();
    replay.replay(
        segments,
        start,
        end,
        producers,
        aborted -> {
          if (aborted.lastOffset() >= base) {
            found.add(aborted);
          }
        });
    return found;
  }
}
