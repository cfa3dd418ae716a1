package io.highwater.replication.control.session;

import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.MetadataCommand.SignOfLife;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.MetadataLog.Controller;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Heartbeats by the second path: a broker that hears nothing of the active controller for half the
 * session timeout says through the metadata log that it lives, and goes on to as long as that
 * lasts. So nobody is fenced whom the quorum hears, and the controller learns that it is the one
 * that is cut off. On the owner loop.
 */
final class LifeSigns {
  private static final Logger LOG = LoggerFactory.getLogger(LifeSigns.class);

  private final int brokerId;
  private final MetadataLog log;
  private final NanoClock clock;
  private final long patienceNanos;
  private final Set<Integer> unheard = new TreeSet<>();

  private Controller controller = Controller.UNKNOWN;
  private long heardNanos;
  private long lookedNanos;
  private long saidNanos;

  LifeSigns(int brokerId, MetadataLog log, NanoClock clock, SessionConfig config) {
    this.brokerId = brokerId;
    this.saidNanos = clock.nanoTime();
    this.log = log;
    this.clock = clock;
    this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(config.sessionTimeoutMs()) / 2;
  }

  /** The active controller answered on the session. */
  void heard() {
    heardNanos = clock.nanoTime();
    unheard.clear();
  }

  /** To be called with each heartbeat while the broker is registered. */
  void onTick(long brokerEpoch) {
    long now = clock.nanoTime();
    Controller present = log.controller();
    if (!present.equals(controller) || now - lookedNanos > patienceNanos) {
      // A new controller has its time; and who slept heard nobody.
      controller = present;
      heardNanos = now;
    }
    lookedNanos = now;
    if (controller.id() == Controller.NONE || now - saidNanos < patienceNanos / 2) {
      return;
    }
    if (now - heardNanos <= patienceNanos) {
      takeBack(brokerEpoch);
    } else {
      if (unheard.add(controller.id())) {
        LOG.info("controller {} is silent: saying so through the quorum", controller.id());
      }
      say(brokerEpoch);
    }
  }

  /** Who is heard again is not blamed any more. */
  private void takeBack(long brokerEpoch) {
    BrokerRegistration mine = log.image().broker(brokerId);
    if (unheard.isEmpty()
        && mine != null
        && mine.epoch() == brokerEpoch
        && !mine.life().unheardControllers().isEmpty()) {
      say(brokerEpoch);
    }
  }

  /** An answer is not waited for: what got lost is said again. */
  private void say(long brokerEpoch) {
    saidNanos = lookedNanos;
    log.submit(
        new SignOfLife(brokerId, brokerEpoch, List.copyOf(unheard)),
        (result, failure) -> {
          if (failure != null) {
            LOG.debug("a sign of life is not confirmed: {}", failure.toString());
          }
        });
  }
}
