/**
 * JMH benchmarks of the pieces that a record passes: batches, checksums, the log, the leader's
 * step, the marshallers. Run by {@code ./highwater perf micro}.
 */
package io.highwater.perf.micro;
