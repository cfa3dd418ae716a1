/**
 * The client's own producer and consumer and the broker's own handlers of their requests, joined to
 * the simulated cluster of {@code io.highwater.replication.sim}. Only gRPC is left out: what it
 * carries goes over the simulated network.
 */
package io.highwater.server.sim;
