/** Appends of clients: admitted, submitted to the partition's leader, answered by callback. */
package io.highwater.server.produce;
