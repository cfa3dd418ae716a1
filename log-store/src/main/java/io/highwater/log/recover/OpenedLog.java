package io.highwater.log.recover;

import io.highwater.log.LogView;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentWriter;
import java.util.List;
import java.util.Optional;

/**
 * A log that is ready for use.
 *
 * @param view what readers see
 * @param producers its producers
 * @param tail where appends go on
 * @param manifest of its sealed segments, as it is on the disk
 * @param report what opening it took
 */
public record OpenedLog(
    LogView view,
    ProducerStates producers,
    SegmentWriter tail,
    LogManifest manifest,
    RecoveryReport report) {

  /** Without a manifest, any sealed segment may have been cleaned, and tombstones gone (CMP-6). */
  OpenedLog cleanedToUnknown() {
    long sealedEnd = view.segments().size() > 1 ? view.segments().last().baseOffset() : 0;
    return view.gaps()
        ? new OpenedLog(
            view,
            producers,
            tail,
            new LogManifest(Optional.empty(), true, 0, List.of(), sealedEnd),
            report)
        : this;
  }
}
