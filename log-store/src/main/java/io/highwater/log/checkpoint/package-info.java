/**
 * The small state files of a log directory and of a partition, in Kafka's formats: written as a
 * whole, read as untrusted.
 */
package io.highwater.log.checkpoint;
