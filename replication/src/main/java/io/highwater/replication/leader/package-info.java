/**
 * The leader's side: the partitions that this broker leads, and one stream to each broker that
 * follows.
 */
package io.highwater.replication.leader;
