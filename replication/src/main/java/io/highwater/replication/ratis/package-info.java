/**
 * The metadata log on Apache Ratis, embedded in the brokers named as controllers. Nothing else in
 * the project knows Ratis; what the log means is {@code
 * io.highwater.replication.control.ClusterState}'s business.
 */
package io.highwater.replication.ratis;
