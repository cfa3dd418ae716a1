package io.highwater.replication.control.session;

import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Connects brokers by their port, 1 ms apart, in virtual time. */
final class VirtualNetwork {
  private static final long HOP_MS = 1;

  private final OwnerLoop loop;
  private final Map<Integer, Node> nodes = new HashMap<>();
  private final List<Stream> streams = new ArrayList<>();

  VirtualNetwork(OwnerLoop loop) {
    this.loop = loop;
  }

  static final class Node {
    SessionAcceptor acceptor;
    ProbeResponder responder;
    boolean silent;
  }

  Node listen(int port) {
    Node node = new Node();
    nodes.put(port, node);
    return node;
  }

  /** The process at this port is killed: its streams break, nobody listens any more. */
  void kill(int port) {
    Node node = nodes.remove(port);
    breakStreams(node);
  }

  /** Streams of this node break, but it lives. */
  void breakStreams(Node node) {
    for (Stream stream : List.copyOf(streams)) {
      if (stream.from == node || stream.to == node) {
        stream.breakOff();
      }
    }
  }

  /** What a node, known by its port, sees of the network. */
  ControllerTransport from(Node self) {
    return new ControllerTransport() {
      @Override
      public SessionLink<Heartbeat> open(
          Endpoint controller, SessionLinkListener<HeartbeatReply> listener) {
        Stream stream = new Stream(self, nodes.get(controller.port()), listener);
        streams.add(stream);
        if (stream.to == null) {
          loop.schedule(HOP_MS, stream::breakOff);
        }
        return stream.brokerEnd();
      }

      @Override
      public void probe(
          Endpoint broker, String clusterId, int brokerId, long timeoutMs, ProbeListener listener) {
        Node node = nodes.get(broker.port());
        if (node == null) {
          loop.schedule(HOP_MS, () -> listener.onRefused("connection refused"));
        } else if (node.silent) {
          loop.schedule(timeoutMs, listener::onSilence);
        } else {
          loop.schedule(
              HOP_MS, () -> listener.onAnswer(node.responder.brokerEpoch(clusterId, brokerId)));
        }
      }
    };
  }

  private final class Stream {
    private final Node from;
    private final Node to;
    private final SessionLinkListener<HeartbeatReply> broker;
    private SessionLinkListener<Heartbeat> controller;
    private boolean open = true;

    Stream(Node from, Node to, SessionLinkListener<HeartbeatReply> broker) {
      this.from = from;
      this.to = to;
      this.broker = broker;
    }

    SessionLink<Heartbeat> brokerEnd() {
      return new SessionLink<>() {
        @Override
        public void send(Heartbeat message) {
          deliver(
              () -> {
                if (controller == null) {
                  controller = to.acceptor.accept(controllerEnd());
                }
                controller.onMessage(message);
              });
        }

        @Override
        public void close() {
          end(() -> closed(controller, "closed by the broker"));
        }
      };
    }

    private SessionLink<HeartbeatReply> controllerEnd() {
      return new SessionLink<>() {
        @Override
        public void send(HeartbeatReply message) {
          deliver(() -> broker.onMessage(message));
        }

        @Override
        public void close() {
          end(() -> closed(broker, "closed by the controller"));
        }
      };
    }

    private void deliver(Runnable message) {
      if (open && to != null) {
        loop.schedule(
            HOP_MS,
            () -> {
              if (streams.contains(this) && !from.silent && !to.silent) {
                message.run();
              }
            });
      }
    }

    private void end(Runnable notice) {
      if (open) {
        open = false;
        loop.schedule(
            HOP_MS,
            () -> {
              if (streams.remove(this)) {
                notice.run();
              }
            });
      }
    }

    void breakOff() {
      if (streams.remove(this)) {
        open = false;
        closed(broker, "broken");
        closed(controller, "broken");
      }
    }

    private void closed(SessionLinkListener<?> end, String reason) {
      if (end != null) {
        end.onClosed(reason);
      }
    }
  }
}
