/** Apache Kafka behind the load generators' seam. */
package io.highwater.peers.kafka;
