package io.highwater.replication.control.grpc;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.internal.v1.BrokerSessionRequest;
import io.highwater.proto.internal.v1.BrokerSessionResponse;
import io.highwater.proto.internal.v1.ControllerServiceGrpc.ControllerServiceStub;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.session.Heartbeat;
import io.highwater.replication.control.session.HeartbeatReply;
import io.highwater.replication.control.session.SessionLink;
import io.highwater.replication.control.session.SessionLinkListener;

/** A broker's end of its session. On the owner loop but for what gRPC calls. */
final class GrpcSessionLink
    implements SessionLink<Heartbeat>, StreamObserver<BrokerSessionResponse> {
  private final OwnerLoop loop;
  private final ManagedChannel channel;
  private final SessionLinkListener<HeartbeatReply> listener;
  private StreamObserver<BrokerSessionRequest> requests;
  private boolean closed;

  GrpcSessionLink(
      OwnerLoop loop, ManagedChannel channel, SessionLinkListener<HeartbeatReply> listener) {
    this.loop = loop;
    this.channel = channel;
    this.listener = listener;
  }

  void start(ControllerServiceStub stub) {
    requests = stub.brokerSession(this);
  }

  @Override
  public void send(Heartbeat heartbeat) {
    if (!closed) {
      requests.onNext(
          BrokerSessionRequest.newBuilder()
              .setClusterId(heartbeat.clusterId())
              .setBrokerId(heartbeat.brokerId())
              .setBrokerEpoch(heartbeat.brokerEpoch())
              .setWantsToStop(heartbeat.wantsToStop())
              .build());
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      requests.onCompleted();
      channel.shutdown();
    }
  }

  @Override
  public void onNext(BrokerSessionResponse response) {
    loop.execute(
        () -> {
          if (!closed) {
            listener.onMessage(
                new HeartbeatReply(
                    response.getAccepted(), response.getControllerId(), response.getMayStop()));
          }
        });
  }

  @Override
  public void onError(Throwable failure) {
    ended(StatusText.of(Status.fromThrowable(failure)));
  }

  @Override
  public void onCompleted() {
    ended("closed by the controller");
  }

  private void ended(String reason) {
    channel.shutdownNow();
    loop.execute(
        () -> {
          if (!closed) {
            closed = true;
            listener.onClosed(reason);
          }
        });
  }
}
