/**
 * The replica streams over gRPC: bytes and statuses only. Every callback, of either end, is a task
 * of its own on the owner loop, in the order in which the stream delivered.
 */
package io.highwater.replication.grpc;
