/** Segment files: names, one writer at the tail, shared readers, scans, the ordered list. */
package io.highwater.log.segment;
