package io.highwater.proto.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Answers requests that cannot be parsed with INVALID_REQUEST. gRPC by itself takes them for a
 * fault of the server: an unnamed status to the caller and a stack trace in the log, for anyone to
 * provoke.
 */
public final class RequestGuard {
  private RequestGuard() {}

  /** The same service, guarded. */
  public static ServerServiceDefinition guard(ServerServiceDefinition service) {
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    var methods = service.getMethods().stream().map(RequestGuard::guard).toList();
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder definition =
        ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(definition::addMethod);
    return definition.build();
  }

  private static <Q, R> ServerMethodDefinition<Request<Q>, R> guard(
      ServerMethodDefinition<Q, R> method) {
    MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
    ServerCallHandler<Q, R> handler = method.getServerCallHandler();
    return ServerMethodDefinition.create(
        descriptor.toBuilder(
                new RequestMarshaller<>(descriptor.getRequestMarshaller()),
                descriptor.getResponseMarshaller())
            .build(),
        (call, headers) -> {
          GuardedCall<Q, R> guarded = new GuardedCall<>(call);
          return new GuardedListener<>(guarded, handler.startCall(guarded, headers));
        });
  }

  /** What a message came to: one of the two is null. */
  private record Request<Q>(Q message, HighwaterException error) {}

  private record RequestMarshaller<Q>(Marshaller<Q> marshaller) implements Marshaller<Request<Q>> {
    @Override
    public InputStream stream(Request<Q> request) {
      return marshaller.stream(request.message());
    }

    @Override
    public Request<Q> parse(InputStream stream) {
      try {
        return new Request<>(marshaller.parse(stream), null);
      } catch (StatusRuntimeException e) {
        String text = e.getStatus().getDescription();
        return new Request<>(null, new HighwaterException(ErrorCode.INVALID_REQUEST, text, e));
      }
    }
  }

  /** Drops what the service still sends on a call that the guard has closed. */
  private static final class GuardedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private boolean ended;

    @SuppressWarnings("unchecked") // A call hands out no requests: its listener gets them.
    GuardedCall(ServerCall<Request<Q>, R> call) {
      super((ServerCall<Q, R>) (ServerCall<?, R>) call);
    }

    void end(HighwaterException error) {
      boolean alone = getMethodDescriptor().getType().clientSendsOneMessage();
      // Of what came before it on a stream nothing is known by that.
      StatusRuntimeException failure =
          StatusMapper.toException(
              alone
                  ? error
                  : new HighwaterException(
                      error.code(), Outcome.UNKNOWN, error.getMessage(), error));
      super.close(failure.getStatus(), failure.getTrailers());
      ended = true;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      if (!ended) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public void sendMessage(R message) {
      if (!ended) {
        super.sendMessage(message);
        return;
      }
      try {
        // Messages may own buffers: closing their stream releases them.
        getMethodDescriptor().streamResponse(message).close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!ended) {
        super.close(status, trailers);
      }
    }
  }

  private static final class GuardedListener<Q> extends ServerCall.Listener<Request<Q>> {
    private final GuardedCall<Q, ?> call;
    private final ServerCall.Listener<Q> service;

    GuardedListener(GuardedCall<Q, ?> call, ServerCall.Listener<Q> service) {
      this.call = call;
      this.service = service;
    }

    @Override
    public void onMessage(Request<Q> request) {
      if (call.ended) {
        return;
      }
      if (request.error() == null) {
        serve(() -> service.onMessage(request.message()));
        return;
      }
      call.end(request.error());
      service.onCancel();
    }

    /** What leaves nothing to rely on must not end in gRPC's log. */
    private static void serve(Runnable call) {
      try {
        call.run();
      } catch (VirtualMachineError e) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        throw e;
      }
    }

    @Override
    public void onHalfClose() {
      if (!call.ended) {
        serve(service::onHalfClose);
      }
    }

    @Override
    public void onCancel() {
      if (!call.ended) {
        service.onCancel();
      }
    }

    @Override
    public void onComplete() {
      if (!call.ended) {
        service.onComplete();
      }
    }

    @Override
    public void onReady() {
      if (!call.ended) {
        serve(service::onReady);
      }
    }
  }
}
