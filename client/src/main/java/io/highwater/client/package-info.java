/**
 * What producer, consumer and admin share: where brokers and partitions are, how a broker is talked
 * to, and when a failed request is tried again. Nothing here knows gRPC; see {@code .grpc}.
 */
package io.highwater.client;
