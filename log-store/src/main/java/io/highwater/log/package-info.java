/**
 * The log of one partition and the directory that holds many of them. {@link
 * io.highwater.log.PartitionLog} is the way in: one owner thread appends, truncates and moves the
 * high watermark; any thread reads.
 */
package io.highwater.log;
