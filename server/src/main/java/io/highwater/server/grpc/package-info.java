/**
 * The edges: gRPC services that turn messages into calls of the handlers and answers back. What is
 * decided is decided behind them.
 */
package io.highwater.server.grpc;
