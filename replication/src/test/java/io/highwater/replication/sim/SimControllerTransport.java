package io.highwater.replication.sim;

import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.session.ControllerTransport;
import io.highwater.replication.control.session.Heartbeat;
import io.highwater.replication.control.session.HeartbeatReply;
import io.highwater.replication.control.session.ProbeListener;
import io.highwater.replication.control.session.SessionLink;
import io.highwater.replication.control.session.SessionLinkListener;
import java.util.function.IntFunction;

/** Sessions and probes over the simulated network. The port of an endpoint is the broker's id. */
final class SimControllerTransport implements ControllerTransport {
  private final int self;
  private final SimLoop loop;
  private final SimNetwork network;
  private final IntFunction<SimBroker> brokers;

  SimControllerTransport(
      int self, SimLoop loop, SimNetwork network, IntFunction<SimBroker> brokers) {
    this.self = self;
    this.loop = loop;
    this.network = network;
    this.brokers = brokers;
  }

  @Override
  public SessionLink<Heartbeat> open(
      Endpoint controller, SessionLinkListener<HeartbeatReply> listener) {
    SimBroker target = brokers.apply(controller.port());
    ControllerSide side = new ControllerSide(listener);
    SimStream.End near = new SimStream.End(self, loop, () -> listener.onClosed("connection lost"));
    SimStream.End far = new SimStream.End(target.id(), target.loop(), side::closed);
    SimStream stream = network.stream(near, far);
    side.stream = stream;
    stream.send(near, "session", () -> side.broker = target.acceptSession(side));
    return new SessionLink<>() {
      @Override
      public void send(Heartbeat message) {
        stream.send(near, "heartbeat", () -> side.broker.onMessage(message));
      }

      @Override
      public void close() {
        stream.close(near);
      }
    };
  }

  private static final class ControllerSide implements SessionLink<HeartbeatReply> {
    private final SessionLinkListener<HeartbeatReply> listener;
    private SimStream stream;
    private SessionLinkListener<Heartbeat> broker;

    ControllerSide(SessionLinkListener<HeartbeatReply> listener) {
      this.listener = listener;
    }

    void closed() {
      if (broker != null) {
        broker.onClosed("connection lost");
      }
    }

    @Override
    public void send(HeartbeatReply message) {
      stream.send(stream.second(), "heartbeat-reply", () -> listener.onMessage(message));
    }

    @Override
    public void close() {
      stream.close(stream.second());
    }
  }

  @Override
  public void probe(
      Endpoint broker, String clusterId, int brokerId, long timeoutMs, ProbeListener listener) {
    SimBroker target = brokers.apply(broker.port());
    Once once = new Once(listener);
    network.send(
        self,
        target.id(),
        "probe",
        () -> {
          if (target.loop().isAlive()) {
            target
                .loop()
                .run(
                    () -> {
                      long epoch = target.probed(clusterId, brokerId);
                      answer(target, once, () -> once.listener.onAnswer(epoch));
                    });
          } else {
            answer(target, once, () -> once.listener.onRefused("connection refused"));
          }
        });
    loop.schedule(timeoutMs, () -> once.run(listener::onSilence));
  }

  private void answer(SimBroker from, Once once, Runnable call) {
    network.send(from.id(), self, "probe-answer", () -> loop.run(() -> once.run(call)));
  }

  /** The first outcome counts. */
  private static final class Once {
    private final ProbeListener listener;
    private boolean done;

    Once(ProbeListener listener) {
      this.listener = listener;
    }

    void run(Runnable call) {
      if (!done) {
        done = true;
        call.run();
      }
    }
  }
}
