/** The client's wiring: the Netty event loop, clocks, and gRPC behind the broker channel seam. */
package io.highwater.client.grpc;
