package io.highwater.proto.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCalls.BidiStreamingMethod;
import io.highwater.proto.internal.v1.ReplicaServiceGrpc;
import io.highwater.proto.internal.v1.ReplicateRequest;
import io.highwater.proto.internal.v1.ReplicateResponse;
import io.highwater.proto.v1.FetchServiceGrpc;
import io.highwater.proto.v1.FetchStreamRequest;
import io.highwater.proto.v1.FetchStreamResponse;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * The methods whose messages carry record batches, under the names and in the encoding of the
 * contracts, with the batches kept out of protobuf's hands.
 *
 * <p>A sender waits until its stream is ready and, where the peer speaks first, for its hello
 * before it sends records: what gRPC still keeps for a stream that is not connected it may drop
 * unreleased.
 */
public final class RecordStreams {
  /** {@code ProduceService.ProduceStream}. */
  public static final MethodDescriptor<RecordsFrame<ProduceStreamRequest>, ProduceStreamResponse>
      PRODUCE =
          withRequests(
              ProduceServiceGrpc.getProduceStreamMethod(),
              new RecordsMarshaller<>(ProduceStreamRequest.getDefaultInstance()));

  /**
   * {@code FetchService.FetchStream}. What comes in waits for the application to poll, which pooled
   * memory must not do: the records of a response lie in an array of their own, whose bytes stay
   * when the frame is released.
   */
  public static final MethodDescriptor<FetchStreamRequest, RecordsFrame<FetchStreamResponse>>
      FETCH =
          withResponses(
              FetchServiceGrpc.getFetchStreamMethod(),
              new RecordsMarshaller<>(
                  FetchStreamResponse.getDefaultInstance(),
                  new UnpooledByteBufAllocator(false, true)));

  /** {@code ReplicaService.Replicate}. */
  public static final MethodDescriptor<ReplicateRequest, RecordsFrame<ReplicateResponse>>
      REPLICATE =
          withResponses(
              ReplicaServiceGrpc.getReplicateMethod(),
              new RecordsMarshaller<>(ReplicateResponse.getDefaultInstance()));

  private RecordStreams() {}

  /**
   * A service with one of its methods replaced. Where responses carry records, the handler sets an
   * on-cancel handler on its {@link io.grpc.stub.ServerCallStreamObserver}: without one, sending on
   * a cancelled stream throws before the frame reaches the marshaller, and nobody releases it.
   *
   * @param service as generated code binds it
   * @param method one of the methods above, of that service
   * @param handler serves it
   */
  public static <Q, R> ServerServiceDefinition serve(
      ServerServiceDefinition service,
      MethodDescriptor<Q, R> method,
      BidiStreamingMethod<Q, R> handler) {
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor())
            .addMethod(method);
    for (MethodDescriptor<?, ?> other : service.getServiceDescriptor().getMethods()) {
      if (!other.getFullMethodName().equals(method.getFullMethodName())) {
        descriptor.addMethod(other);
      }
    }
    ServerServiceDefinition.Builder definition =
        ServerServiceDefinition.builder(descriptor.build())
            .addMethod(method, ServerCalls.asyncBidiStreamingCall(handler));
    for (ServerMethodDefinition<?, ?> other : service.getMethods()) {
      if (!other.getMethodDescriptor().getFullMethodName().equals(method.getFullMethodName())) {
        definition.addMethod(other);
      }
    }
    return definition.build();
  }

  private static <Q, R, F> MethodDescriptor<F, R> withRequests(
      MethodDescriptor<Q, R> generated, Marshaller<F> requests) {
    return generated.toBuilder(requests, generated.getResponseMarshaller()).build();
  }

  private static <Q, R, F> MethodDescriptor<Q, F> withResponses(
      MethodDescriptor<Q, R> generated, Marshaller<F> responses) {
    return generated.toBuilder(generated.getRequestMarshaller(), responses).build();
  }
}
