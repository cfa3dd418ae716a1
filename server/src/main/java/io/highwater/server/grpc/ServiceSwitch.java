package io.highwater.server.grpc;

import io.grpc.BindableService;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.RequestGuard;
import io.highwater.proto.grpc.StatusMapper;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A listener's services, which can be switched on once the broker serves and off when it stops,
 * while the listener itself stands from the first moment. While they are off every call is answered
 * BROKER_NOT_AVAILABLE, which clients retry.
 */
final class ServiceSwitch extends HandlerRegistry {
  private static final MethodDescriptor.Marshaller<byte[]> IGNORED = new Ignored();

  private volatile List<ServerServiceDefinition> services = List.of();
  private volatile Map<String, ServerMethodDefinition<?, ?>> methods = Map.of();
  private volatile boolean serving;

  /** Serves from now on. */
  void open(List<? extends BindableService> opened) {
    Map<String, ServerMethodDefinition<?, ?>> byName = new HashMap<>();
    List<ServerServiceDefinition> definitions =
        opened.stream().map(service -> RequestGuard.guard(service.bindService())).toList();
    for (ServerServiceDefinition definition : definitions) {
      for (ServerMethodDefinition<?, ?> method : definition.getMethods()) {
        byName.put(method.getMethodDescriptor().getFullMethodName(), method);
      }
    }
    services = definitions;
    methods = Map.copyOf(byName);
    serving = true;
  }

  /** Serves no new calls from now on. */
  void close() {
    serving = false;
  }

  @Override
  public List<ServerServiceDefinition> getServices() {
    return services;
  }

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String methodName, String authority) {
    return serving ? methods.get(methodName) : refusal(methodName);
  }

  private static ServerMethodDefinition<?, ?> refusal(String methodName) {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNKNOWN)
            .setFullMethodName(methodName)
            .setRequestMarshaller(IGNORED)
            .setResponseMarshaller(IGNORED)
            .build();
    return ServerMethodDefinition.create(descriptor, new Refusal());
  }

  /** Answers before a message was read. */
  private static final class Refusal implements ServerCallHandler<byte[], byte[]> {
    @Override
    public ServerCall.Listener<byte[]> startCall(
        ServerCall<byte[], byte[]> call, Metadata headers) {
      StatusRuntimeException refusal =
          StatusMapper.toException(
              new HighwaterException(
                  ErrorCode.BROKER_NOT_AVAILABLE, "the broker is starting or stopping"));
      call.close(refusal.getStatus(), refusal.getTrailers());
      return new ServerCall.Listener<>() {};
    }
  }

  /** Nothing is ever read or written. */
  private static final class Ignored implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      return new byte[0];
    }
  }
}
