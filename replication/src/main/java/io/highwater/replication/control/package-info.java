/**
 * The control plane, without its carriers: commands of the metadata log, the immutable image they
 * fold into, the rules of election and in-sync sets, and the two ends of a broker's session.
 *
 * <p>{@link io.highwater.replication.control.ClusterState} is pure and deterministic (CTL-1). What
 * carries the log ({@link io.highwater.replication.control.MetadataLog}) and the sessions ({@link
 * io.highwater.replication.control.ControllerTransport}) are seams; time and threads come in
 * through {@code NanoClock} and {@code OwnerLoop}.
 */
package io.highwater.replication.control;
