package io.highwater.replication.control.session;

import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.BrokerLife;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataCommand.StopBroker;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.MetadataLog.Controller;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Watches the brokers' sessions while this broker is the quorum's leader, and fences those that are
 * gone: at once when nobody listens at a broken session's address any more, else when its lease
 * ends, unless they say through the metadata log that they live: then this one is deaf, and gives
 * the quorum up to one that hears more. Takes part in every broker and sleeps where it is not
 * active. On the owner loop; it keeps no state that the next active controller would need.
 */
public final class ActiveController implements SessionAcceptor, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ActiveController.class);

  private final int nodeId;
  private final MetadataLog log;
  private final ControllerTransport transport;
  private final OwnerLoop loop;
  private final NanoClock clock;
  private final SessionConfig config;
  private final long leaseNanos;
  private final LongestLogElections longestLogs;
  private final Deafness deafness;
  private final Map<Integer, BrokerLease> leases = new TreeMap<>();

  private boolean active;
  private boolean closed;
  private long lastTickNanos;
  private Cancellable tick = Cancellable.DONE;

  /**
   * @param nodeId this broker
   * @param log whose leader is the active controller
   * @param transport for probes
   * @param loop on which everything here happens
   * @param clock monotonic
   */
  public ActiveController(
      int nodeId,
      MetadataLog log,
      ControllerTransport transport,
      OwnerLoop loop,
      NanoClock clock,
      SessionConfig config) {
    this.nodeId = nodeId;
    this.log = log;
    this.transport = transport;
    this.loop = loop;
    this.clock = clock;
    this.config = config;
    leaseNanos = TimeUnit.MILLISECONDS.toNanos(config.sessionTimeoutMs());
    deafness = new Deafness(nodeId, log, leaseNanos);
    longestLogs = new LongestLogElections(log, config.longestGraceMs());
  }

  /** Begins to follow who is the active controller. */
  public void start() {
    log.onControllerChange(controller -> loop.execute(() -> onController(controller)));
    log.follow(image -> loop.execute(this::onImage));
  }

  /** Whether this broker is the active controller. */
  public boolean isActive() {
    return active;
  }

  @Override
  public void close() {
    closed = true;
    deactivate();
  }

  private void onController(Controller controller) {
    if (closed) {
      return;
    }
    // A new term of the same leader: leases start anew, as for any new controller.
    deactivate();
    if (controller.id() == nodeId) {
      activate(controller.term());
    }
  }

  private void activate(long term) {
    LOG.info("active controller in term {}", term);
    active = true;
    lastTickNanos = clock.nanoTime();
    onImage();
    // Whoever died together with the last controller need not be waited for.
    for (BrokerLease lease : leases.values()) {
      probe(lease);
    }
    scheduleTick();
  }

  private void deactivate() {
    active = false;
    tick.cancel();
    for (BrokerLease lease : leases.values()) {
      if (lease.link != null) {
        refuse(lease.link);
      }
    }
    leases.clear();
    longestLogs.clear();
  }

  private void onImage() {
    if (!active) {
      return;
    }
    ClusterImage image = log.image();
    for (BrokerLease lease : List.copyOf(leases.values())) {
      if (!image.isActive(lease.brokerId, lease.brokerEpoch)) {
        leases.remove(lease.brokerId);
        if (lease.link != null) {
          refuse(lease.link);
        }
      } else if (lease.link != null && lease.stopRequested && stopping(lease)) {
        lease.link.send(new HeartbeatReply(true, nodeId, true));
      }
    }
    for (BrokerRegistration broker : image.brokers()) {
      if (!broker.fenced() && !leases.containsKey(broker.id())) {
        BrokerLease lease =
            new BrokerLease(broker.id(), broker.epoch(), broker.life().index(), clock.nanoTime());
        lease.deadlineNanos = lease.heardNanos + leaseNanos;
        leases.put(broker.id(), lease);
      }
    }
    leases.values().forEach(lease -> onLife(lease, image.broker(lease.brokerId).life()));
  }

  /** Whoever is heard by the quorum lives, whether or not it is heard here. */
  private void onLife(BrokerLease lease, BrokerLife life) {
    if (life.index() > lease.lifeIndex) {
      lease.lifeIndex = life.index();
      lease.deadlineNanos = clock.nanoTime() + leaseNanos;
      lease.unheard = life.unheardControllers().contains(nodeId);
    }
  }

  @Override
  public SessionLinkListener<Heartbeat> accept(SessionLink<HeartbeatReply> link) {
    return new SessionLinkListener<>() {
      private BrokerLease lease;

      @Override
      public void onMessage(Heartbeat heartbeat) {
        lease = onHeartbeat(link, heartbeat);
      }

      @Override
      public void onClosed(String reason) {
        if (lease != null) {
          onBroken(lease, link, reason);
        }
      }
    };
  }

  private BrokerLease onHeartbeat(SessionLink<HeartbeatReply> link, Heartbeat heartbeat) {
    if (active) {
      onImage();
    }
    BrokerLease lease = leases.get(heartbeat.brokerId());
    if (!active
        || lease == null
        || lease.brokerEpoch != heartbeat.brokerEpoch()
        || !heartbeat.clusterId().equals(log.image().clusterId())) {
      refuse(link);
      return null;
    }
    if (lease.link != link) {
      if (lease.link != null) {
        lease.link.close();
      }
      lease.link = link;
    }
    lease.heardNanos = clock.nanoTime();
    lease.deadlineNanos = lease.heardNanos + leaseNanos;
    lease.unheard = false;
    if (heartbeat.wantsToStop() && !stopping(lease) && !lease.stopRequested) {
      lease.stopRequested = true;
      submit(
          lease,
          new StopBroker(lease.brokerId, lease.brokerEpoch),
          () -> lease.stopRequested = false);
    }
    link.send(new HeartbeatReply(true, nodeId, heartbeat.wantsToStop() && stopping(lease)));
    return lease;
  }

  private void onBroken(BrokerLease lease, SessionLink<HeartbeatReply> link, String reason) {
    if (lease.link != link || leases.get(lease.brokerId) != lease) {
      return;
    }
    lease.link = null;
    if (stopping(lease)) {
      fence(lease, "it stopped");
    } else {
      LOG.info("session of broker {} broke: {}", lease.brokerId, reason);
      probe(lease);
    }
  }

  private void probe(BrokerLease lease) {
    ClusterImage image = log.image();
    Endpoint endpoint = image.broker(lease.brokerId).endpoints().get(ListenerName.BROKERS);
    if (endpoint == null) {
      return;
    }
    transport.probe(
        endpoint,
        image.clusterId(),
        lease.brokerId,
        config.probeTimeoutMs(),
        new ProbeListener() {
          @Override
          public void onAnswer(long brokerEpoch) {
            if (brokerEpoch != lease.brokerEpoch) {
              verdict("its process was replaced");
            }
          }

          @Override
          public void onRefused(String reason) {
            verdict("nobody listens there: " + reason);
          }

          @Override
          public void onSilence() {
            // It may be this one that is cut off: the lease decides.
          }

          private void verdict(String reason) {
            // It may have come back, or its time may be over, while the probe was under way.
            if (leases.get(lease.brokerId) == lease && lease.link == null) {
              fence(lease, reason);
            }
          }
        });
  }

  private void onTick() {
    long now = clock.nanoTime();
    if (now - lastTickNanos > leaseNanos / 2) {
      // This process slept, so the brokers' silence says nothing about them (FEN-4).
      for (BrokerLease lease : leases.values()) {
        lease.heardNanos = now;
        lease.deadlineNanos = now + leaseNanos;
      }
    }
    lastTickNanos = now;
    for (BrokerLease lease : new ArrayList<>(leases.values())) {
      if (lease.isOver(now)) {
        fence(lease, "no heartbeat for " + config.sessionTimeoutMs() + " ms");
      }
    }
    deafness.onTick(now, leases.values());
    longestLogs.onTick(now);
    scheduleTick();
  }

  private void scheduleTick() {
    tick = loop.schedule(config.heartbeatIntervalMs(), this::onTick);
  }

  private void fence(BrokerLease lease, String reason) {
    if (lease.fencing) {
      return;
    }
    LOG.atLevel(stopping(lease) ? Level.INFO : Level.WARN)
        .log("fencing broker {} in epoch {}: {}", lease.brokerId, lease.brokerEpoch, reason);
    lease.fencing = true;
    submit(
        lease,
        new FenceBroker(lease.brokerId, lease.brokerEpoch),
        () -> {
          // Unknown whether it was committed: the next tick tries again.
          lease.fencing = false;
          lease.deadlineNanos = clock.nanoTime();
        });
  }

  private void submit(BrokerLease lease, MetadataCommand command, Runnable onUnknown) {
    log.submit(
        command,
        (result, failure) -> {
          if (failure != null) {
            loop.execute(
                () -> {
                  if (leases.get(lease.brokerId) == lease) {
                    LOG.warn("{} is not confirmed: {}", command, failure.toString());
                    onUnknown.run();
                  }
                });
          }
        });
  }

  private boolean stopping(BrokerLease lease) {
    BrokerRegistration broker = log.image().broker(lease.brokerId);
    return broker.epoch() == lease.brokerEpoch && broker.stopping();
  }

  private void refuse(SessionLink<HeartbeatReply> link) {
    int controllerId = active ? nodeId : log.controller().id();
    link.send(new HeartbeatReply(false, controllerId, false));
    link.close();
  }
}
