/**
 * Sessions and probes over gRPC: {@code highwater/internal/v1/controller.proto}. Every callback, of
 * either end, is a task of its own on the owner loop, in the order in which the stream delivered.
 */
package io.highwater.replication.control.grpc;
