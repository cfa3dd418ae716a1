/**
 * The follower's side: one stream to each broker that leads something for us, and what comes over
 * it goes into the logs.
 */
package io.highwater.replication.follower;
