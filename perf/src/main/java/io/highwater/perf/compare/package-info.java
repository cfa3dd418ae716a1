/**
 * Comparisons: which scenarios there are, how systems take turns in them, the lines that results
 * are kept as, and what a set of lines says: medians, ranges, ratios and verdicts.
 */
package io.highwater.perf.compare;
