package io.highwater.log.recover;

import io.highwater.log.LogView;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentWriter;

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
    RecoveryReport report) {}
