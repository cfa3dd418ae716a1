/**
 * Replication as the broker sees it: the partitions that it holds, what can be done with one of
 * them, and the event loop that owns them ({@link io.highwater.replication.OwnerLoop}).
 */
package io.highwater.replication;
