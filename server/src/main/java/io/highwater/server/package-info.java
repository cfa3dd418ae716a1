/**
 * The broker process: {@link io.highwater.server.HighwaterServer} wires it from a {@link
 * io.highwater.server.ServerConfig}. What it serves lives in the packages below, one per concern;
 * {@code io.grpc} is seen by {@code .grpc} and this wiring only.
 */
package io.highwater.server;
