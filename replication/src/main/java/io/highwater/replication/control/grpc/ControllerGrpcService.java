package io.highwater.replication.control.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.internal.v1.BrokerSessionRequest;
import io.highwater.proto.internal.v1.BrokerSessionResponse;
import io.highwater.proto.internal.v1.ControllerServiceGrpc.ControllerServiceImplBase;
import io.highwater.proto.internal.v1.ProbeRequest;
import io.highwater.proto.internal.v1.ProbeResponse;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.session.Heartbeat;
import io.highwater.replication.control.session.HeartbeatReply;
import io.highwater.replication.control.session.ProbeResponder;
import io.highwater.replication.control.session.SessionAcceptor;
import io.highwater.replication.control.session.SessionLink;
import io.highwater.replication.control.session.SessionLinkListener;

/** {@code ControllerService}: sessions of brokers, and probes of this one. */
public final class ControllerGrpcService extends ControllerServiceImplBase {
  private final OwnerLoop loop;
  private final SessionAcceptor acceptor;
  private final ProbeResponder responder;

  /**
   * @param loop the owner loop; best the event loop that serves the connections
   * @param acceptor takes sessions
   * @param responder answers probes
   */
  public ControllerGrpcService(OwnerLoop loop, SessionAcceptor acceptor, ProbeResponder responder) {
    this.loop = loop;
    this.acceptor = acceptor;
    this.responder = responder;
  }

  @Override
  public StreamObserver<BrokerSessionRequest> brokerSession(
      StreamObserver<BrokerSessionResponse> responses) {
    ServerCallStreamObserver<BrokerSessionResponse> call =
        (ServerCallStreamObserver<BrokerSessionResponse>) responses;
    // With a handler, sending on a call that was cancelled meanwhile does nothing.
    call.setOnCancelHandler(() -> {});
    return new ControllerEnd(call);
  }

  @Override
  public void probe(ProbeRequest request, StreamObserver<ProbeResponse> responses) {
    loop.execute(
        () -> {
          long epoch = responder.brokerEpoch(request.getClusterId(), request.getBrokerId());
          responses.onNext(ProbeResponse.newBuilder().setBrokerEpoch(epoch).build());
          responses.onCompleted();
        });
  }

  /** On the owner loop but for what gRPC calls. */
  private final class ControllerEnd
      implements SessionLink<HeartbeatReply>, StreamObserver<BrokerSessionRequest> {
    private final ServerCallStreamObserver<BrokerSessionResponse> call;
    private SessionLinkListener<Heartbeat> listener;
    private boolean closed;

    ControllerEnd(ServerCallStreamObserver<BrokerSessionResponse> call) {
      this.call = call;
    }

    @Override
    public void send(HeartbeatReply reply) {
      // Whoever does not read gets nothing more, so that nothing piles up.
      if (!closed && call.isReady()) {
        call.onNext(
            BrokerSessionResponse.newBuilder()
                .setAccepted(reply.accepted())
                .setControllerId(reply.controllerId())
                .setMayStop(reply.mayStop())
                .build());
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        call.onCompleted();
      }
    }

    @Override
    public void onNext(BrokerSessionRequest request) {
      loop.execute(
          () -> {
            if (closed) {
              return;
            }
            if (listener == null) {
              listener = acceptor.accept(this);
            }
            listener.onMessage(
                new Heartbeat(
                    request.getClusterId(),
                    request.getBrokerId(),
                    request.getBrokerEpoch(),
                    request.getWantsToStop()));
          });
    }

    @Override
    public void onError(Throwable failure) {
      ended(StatusText.of(Status.fromThrowable(failure)));
    }

    @Override
    public void onCompleted() {
      ended("closed by the broker");
    }

    private void ended(String reason) {
      loop.execute(
          () -> {
            if (!closed) {
              closed = true;
              call.onCompleted();
              if (listener != null) {
                listener.onClosed(reason);
              }
            }
          });
    }
  }
}
