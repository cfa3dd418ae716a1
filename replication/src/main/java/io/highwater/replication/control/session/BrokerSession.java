package io.highwater.replication.control.session;

import io.highwater.proto.ErrorCode;
import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.CommandResult.Rejected;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.MetadataLog.Controller;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker's side of its standing in the cluster: registers, holds the session with whoever is the
 * active controller, and registers again when it was fenced although it lives. On the owner loop.
 */
public final class BrokerSession implements ProbeResponder, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerSession.class);
  private static final long UNREGISTERED = -1;

  private final BrokerIdentity identity;
  private final MetadataLog log;
  private final ControllerTransport transport;
  private final OwnerLoop loop;
  private final NanoClock clock;
  private final SessionConfig config;
  private final BrokerSessionListener listener;
  private final LogEndReporter logEnds;
  private final OfflineReporter offline;
  private final LifeSigns lifeSigns;

  private long brokerEpoch = UNREGISTERED;
  private boolean registering;
  private boolean closed;
  private long firstRefusalNanos = Long.MIN_VALUE;
  private Cancellable tick = Cancellable.DONE;

  private SessionLink<Heartbeat> link;
  private int linkedController = Controller.NONE;
  private long lastReplyNanos;

  private Runnable onMayStop;
  private Cancellable stopTimeout = Cancellable.DONE;

  /**
   * @param identity what to register with
   * @param log where to
   * @param transport to the active controller
   * @param loop on which everything here happens
   * @param clock monotonic
   * @param logEnds where this broker's logs end, for partitions that wait for the longest
   * @param offline which replicas it cannot serve
   */
  public BrokerSession(
      BrokerIdentity identity,
      MetadataLog log,
      ControllerTransport transport,
      OwnerLoop loop,
      NanoClock clock,
      SessionConfig config,
      LogEnds logEnds,
      OfflineReplicas offline,
      BrokerSessionListener listener) {
    this.identity = identity;
    this.log = log;
    this.transport = transport;
    this.loop = loop;
    this.clock = clock;
    this.config = config;
    this.listener = listener;
    this.logEnds = new LogEndReporter(identity.brokerId(), log, loop, logEnds);
    this.offline = new OfflineReporter(identity.brokerId(), log, loop, offline);
    this.lifeSigns = new LifeSigns(identity.brokerId(), log, clock, config);
  }

  /** Registers, and keeps at it until it succeeds; call once logs are recovered. */
  public void start() {
    log.follow(image -> loop.execute(() -> onImage(image)));
    log.onControllerChange(controller -> loop.execute(() -> onController(controller)));
    register();
    scheduleTick();
  }

  /** The epoch this broker lives in, or -1 before it is registered. */
  public long brokerEpoch() {
    return brokerEpoch;
  }

  @Override
  public long brokerEpoch(String clusterId, int brokerId) {
    boolean meant =
        !closed && clusterId.equals(identity.clusterId()) && brokerId == identity.brokerId();
    return meant ? brokerEpoch : UNREGISTERED;
  }

  /** Says at once what became offline; it would be said soon in any case. On the owner loop. */
  public void reportOffline() {
    onImage(log.image());
  }

  /**
   * Asks to be rid of all leaderships that others can take.
   *
   * @param whenDone run once, when that is so, at once when no other broker may lead, or after the
   *     stop timeout
   */
  public void stop(Runnable whenDone) {
    if (closed || brokerEpoch == UNREGISTERED || !log.image().othersMayLead(identity.brokerId())) {
      whenDone.run();
      return;
    }
    onMayStop = whenDone;
    stopTimeout = loop.schedule(config.stopTimeoutMs(), this::onMayStop);
    if (link != null) {
      heartbeat();
    }
  }

  /** Ends the session; a registered broker is soon fenced. */
  @Override
  public void close() {
    closed = true;
    tick.cancel();
    stopTimeout.cancel();
    unlink();
  }

  private void register() {
    if (registering || closed) {
      return;
    }
    registering = true;
    BrokerRegistration known = log.image().broker(identity.brokerId());
    log.submit(
        new RegisterBroker(
            identity.brokerId(),
            identity.incarnation(),
            identity.directoryId(),
            identity.lastRun().at(log.image().level(Feature.METADATA_VERSION)),
            known == null ? UNREGISTERED : known.epoch(),
            identity.endpoints(),
            identity.version(),
            identity.rack(),
            identity.features()),
        (result, failure) -> loop.execute(() -> onRegistration(result, failure)));
  }

  private void onRegistration(CommandResult result, Throwable failure) {
    registering = false;
    if (closed) {
      return;
    }
    if (failure != null) {
      // The next tick tries again: the same incarnation is never registered twice.
      LOG.info("registration is not confirmed yet: {}", failure.toString());
    } else if (result instanceof Rejected rejected) {
      onRejected(rejected);
    } else if (result instanceof Accepted accepted) {
      firstRefusalNanos = Long.MIN_VALUE;
      if (accepted.brokerEpoch() > brokerEpoch) {
        brokerEpoch = accepted.brokerEpoch();
        LOG.info("broker {} registered in epoch {}", identity.brokerId(), brokerEpoch);
        unlink();
        listener.onRegistered(brokerEpoch);
        onImage(log.image());
      }
      connect();
    }
  }

  private void onRejected(Rejected rejected) {
    long now = clock.nanoTime();
    if (firstRefusalNanos == Long.MIN_VALUE) {
      firstRefusalNanos = now;
    }
    boolean mayPass =
        switch (rejected.error()) {
          // The cluster gets its id from the first active controller, soon.
          case INVALID_REQUEST -> log.image().clusterId().isEmpty();
          // A late registration of an older process came first, and its image comes soon.
          case INVALID_UPDATE_VERSION -> true;
          // An older process of this node id may be dead, but not fenced yet.
          case DUPLICATE_BROKER_REGISTRATION ->
              now - firstRefusalNanos
                  < TimeUnit.MILLISECONDS.toNanos(2 * config.sessionTimeoutMs());
          default -> false;
        };
    if (!mayPass) {
      refused(rejected.error(), rejected.text());
    }
  }

  private void refused(ErrorCode error, String text) {
    close();
    listener.onRefused(error, text);
  }

  private void onImage(ClusterImage image) {
    BrokerRegistration mine = image.broker(identity.brokerId());
    if (closed || brokerEpoch == UNREGISTERED || mine == null || mine.epoch() < brokerEpoch) {
      return;
    }
    if (!mine.incarnation().equals(identity.incarnation())) {
      refused(
          ErrorCode.DUPLICATE_BROKER_REGISTRATION,
          "another process took over node id " + identity.brokerId());
    } else if (mine.fenced()) {
      onOver();
    } else {
      logEnds.onImage(image, brokerEpoch);
      offline.onImage(image, brokerEpoch);
    }
  }

  private void onController(Controller controller) {
    if (closed || controller.id() == Controller.NONE) {
      return;
    }
    // Also for a new term of the same controller: it forgot its sessions.
    unlink();
    connect();
  }

  private void connect() {
    int controllerId = log.controller().id();
    BrokerRegistration controller = log.image().broker(controllerId);
    Endpoint endpoint =
        controller == null ? null : controller.endpoints().get(ListenerName.BROKERS);
    if (closed || link != null || brokerEpoch == UNREGISTERED || endpoint == null) {
      return;
    }
    linkedController = controllerId;
    lastReplyNanos = clock.nanoTime();
    ReplyListener replies = new ReplyListener();
    link = transport.open(endpoint, replies);
    replies.of = link;
    heartbeat();
  }

  private void heartbeat() {
    link.send(
        new Heartbeat(identity.clusterId(), identity.brokerId(), brokerEpoch, onMayStop != null));
  }

  private final class ReplyListener implements SessionLinkListener<HeartbeatReply> {
    private SessionLink<Heartbeat> of;

    @Override
    public void onMessage(HeartbeatReply reply) {
      if (of == link && link != null) {
        onReply(reply);
      }
    }

    @Override
    public void onClosed(String reason) {
      if (of == link && link != null) {
        LOG.info("session with controller {} broke: {}", linkedController, reason);
        link = null;
      }
    }
  }

  private void onReply(HeartbeatReply reply) {
    lastReplyNanos = clock.nanoTime();
    boolean fromActive = reply.controllerId() == linkedController;
    if (fromActive) {
      lifeSigns.heard();
    }
    if (!reply.accepted()) {
      unlink();
      // Only the active controller itself can know that this epoch is over.
      if (fromActive) {
        onOver();
      }
    } else if (reply.mayStop() && onMayStop != null) {
      onMayStop();
    }
  }

  /** This epoch is over, or so it was said: registering again does no harm if it is not. */
  private void onOver() {
    if (onMayStop == null) {
      register();
    } else {
      onMayStop();
    }
  }

  private void onMayStop() {
    stopTimeout.cancel();
    Runnable done = onMayStop;
    onMayStop = () -> {};
    done.run();
  }

  private void onTick() {
    if (brokerEpoch == UNREGISTERED) {
      register();
    } else if (link == null) {
      connect();
    } else if (clock.nanoTime() - lastReplyNanos
        > TimeUnit.MILLISECONDS.toNanos(config.sessionTimeoutMs())) {
      LOG.info("controller {} is silent", linkedController);
      unlink();
      connect();
    } else {
      heartbeat();
    }
    if (brokerEpoch != UNREGISTERED) {
      lifeSigns.onTick(brokerEpoch);
      onImage(log.image());
    }
    scheduleTick();
  }

  private void scheduleTick() {
    if (!closed) {
      tick = loop.schedule(config.heartbeatIntervalMs(), this::onTick);
    }
  }

  private void unlink() {
    if (link != null) {
      link.close();
      link = null;
    }
  }
}
