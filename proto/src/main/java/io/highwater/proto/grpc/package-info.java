/**
 * What every gRPC edge shares: streams whose record batches bypass protobuf, errors as statuses,
 * and the Netty transport's settings. Needs gRPC on the class path, which the other packages do
 * not.
 */
package io.highwater.proto.grpc;
