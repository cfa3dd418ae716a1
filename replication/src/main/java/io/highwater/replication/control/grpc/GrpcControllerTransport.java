package io.highwater.replication.control.grpc;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.internal.v1.ControllerServiceGrpc;
import io.highwater.proto.internal.v1.ProbeRequest;
import io.highwater.proto.internal.v1.ProbeResponse;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.session.ControllerTransport;
import io.highwater.replication.control.session.Heartbeat;
import io.highwater.replication.control.session.HeartbeatReply;
import io.highwater.replication.control.session.ProbeListener;
import io.highwater.replication.control.session.SessionLink;
import io.highwater.replication.control.session.SessionLinkListener;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Opens sessions and sends probes, each over a connection of its own: a break is that session's
 * alone, and a probe meets the process as it is now.
 */
public final class GrpcControllerTransport implements ControllerTransport {
  private final OwnerLoop loop;
  private final Function<Endpoint, ManagedChannel> channels;

  /**
   * @param loop the owner loop
   * @param channels makes the channel of one session or probe, which shuts it down; best on the
   *     event loop that is the owner loop
   */
  public GrpcControllerTransport(OwnerLoop loop, Function<Endpoint, ManagedChannel> channels) {
    this.loop = loop;
    this.channels = channels;
  }

  @Override
  public SessionLink<Heartbeat> open(
      Endpoint controller, SessionLinkListener<HeartbeatReply> listener) {
    ManagedChannel channel = channels.apply(controller);
    GrpcSessionLink link = new GrpcSessionLink(loop, channel, listener);
    link.start(ControllerServiceGrpc.newStub(channel));
    return link;
  }

  @Override
  public void probe(
      Endpoint broker, String clusterId, int brokerId, long timeoutMs, ProbeListener listener) {
    ManagedChannel channel = channels.apply(broker);
    ControllerServiceGrpc.newStub(channel)
        .withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS)
        .probe(
            ProbeRequest.newBuilder().setClusterId(clusterId).setBrokerId(brokerId).build(),
            new ProbeOutcome(channel, listener));
  }

  private final class ProbeOutcome implements StreamObserver<ProbeResponse> {
    private final ManagedChannel channel;
    private final ProbeListener listener;

    ProbeOutcome(ManagedChannel channel, ProbeListener listener) {
      this.channel = channel;
      this.listener = listener;
    }

    @Override
    public void onNext(ProbeResponse response) {
      loop.execute(() -> listener.onAnswer(response.getBrokerEpoch()));
    }

    @Override
    public void onError(Throwable failure) {
      channel.shutdownNow();
      Status status = Status.fromThrowable(failure);
      // Only a certain no is a refusal: a host that cannot be reached may be alive.
      if (isRefusal(status)) {
        loop.execute(() -> listener.onRefused(StatusText.of(status)));
      } else {
        loop.execute(listener::onSilence);
      }
    }

    @Override
    public void onCompleted() {
      channel.shutdown();
    }
  }

  private static boolean isRefusal(Status status) {
    if (status.getCode() == Status.Code.UNIMPLEMENTED) {
      return true;
    }
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException) {
        return !(cause instanceof ConnectTimeoutException);
      }
    }
    return false;
  }
}
