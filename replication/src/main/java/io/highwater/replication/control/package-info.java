/**
 * The control plane, without its carriers: commands of the metadata log, the immutable image they
 * fold into, and the rules of election and in-sync sets.
 *
 * <p>{@link io.highwater.replication.control.ClusterState} is pure and deterministic (CTL-1). What
 * carries the log ({@link io.highwater.replication.control.MetadataLog}) is a seam.
 */
package io.highwater.replication.control;
