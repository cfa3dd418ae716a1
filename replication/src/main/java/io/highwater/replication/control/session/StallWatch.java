package io.highwater.replication.control.session;

import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.MetadataLog.Controller;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees from a loop of its own, which neither writes nor waits, whether the data loop still turns
 * and the disk still keeps what the metadata log is given. A broker where one of them stands for
 * the session timeout cannot do a controller's work, though its member of the quorum goes on
 * showing life: it steps down. Where the data loop stands, it has itself fenced, too, as soon as
 * another controller is active: its session is as silent as it would be for that one. When the loop
 * turns again, the broker registers again by itself.
 */
public final class StallWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StallWatch.class);

  private final BrokerIdentity identity;
  private final MetadataLog log;
  private final OwnerLoop own;
  private final OwnerLoop watched;
  private final NanoClock clock;
  private final long intervalMs;
  private final long timeoutNanos;

  private volatile boolean closed;
  private Cancellable tick = Cancellable.DONE;
  private long lookedNanos;
  private boolean beatUnderWay;
  private long beatNanos;
  private boolean diskStood;
  private boolean steppingDown;
  private boolean told;
  private boolean fencing;
  private long fencedEpoch = -1;

  /**
   * @param identity this broker
   * @param log of whose quorum this broker may be the active controller
   * @param own on which everything here happens; nothing else on it waits for a disk
   * @param watched the data loop
   * @param clock monotonic
   */
  public StallWatch(
      BrokerIdentity identity,
      MetadataLog log,
      OwnerLoop own,
      OwnerLoop watched,
      NanoClock clock,
      SessionConfig config) {
    this.identity = identity;
    this.log = log;
    this.own = own;
    this.watched = watched;
    this.clock = clock;
    this.intervalMs = config.heartbeatIntervalMs();
    this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(config.sessionTimeoutMs());
  }

  /** Begins to watch. From any thread. */
  public void start() {
    own.execute(
        () -> {
          lookedNanos = clock.nanoTime();
          scheduleTick();
        });
  }

  /** Watches no longer. From any thread. */
  @Override
  public void close() {
    closed = true;
    own.execute(tick::cancel);
  }

  private void scheduleTick() {
    if (!closed) {
      tick = own.schedule(intervalMs, this::onTick);
    }
  }

  private void onTick() {
    long now = clock.nanoTime();
    if (now - lookedNanos > timeoutNanos / 2) {
      // The whole process slept: that nothing turned meanwhile says nothing (FEN-4).
      beatNanos = now;
      diskStood = false;
    }
    lookedNanos = now;
    if (!beatUnderWay) {
      beatUnderWay = true;
      beatNanos = now;
      watched.execute(() -> own.execute(() -> beatUnderWay = false));
    }
    boolean loopStands = now - beatNanos >= timeoutNanos;
    boolean diskStands = TimeUnit.MILLISECONDS.toNanos(log.unflushedMs()) >= timeoutNanos;
    if (loopStands || (diskStands && diskStood)) {
      giveUp(loopStands);
    } else {
      told = false;
    }
    diskStood = diskStands;
    scheduleTick();
  }

  private void giveUp(boolean loopStands) {
    int controller = log.controller().id();
    if (controller == identity.brokerId()) {
      stepDown(loopStands);
    } else if (loopStands) {
      fenceOwn(controller);
    }
  }

  private void stepDown(boolean loopStands) {
    if (steppingDown) {
      return;
    }
    steppingDown = true;
    var unused =
        log.stepDown().whenComplete((done, failure) -> own.execute(() -> steppingDown = false));
    if (told) {
      return;
    }
    told = true;
    // Afterwards: where the log of this process goes may stand as well.
    LOG.warn(
        "controller {} gives the quorum up: {} for {} ms or longer",
        identity.brokerId(),
        loopStands ? "its data loop stood" : "its disk kept nothing of the metadata log",
        TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
  }

  private void fenceOwn(int controller) {
    BrokerRegistration mine = log.image().broker(identity.brokerId());
    if (fencing
        || mine == null
        || mine.fenced()
        || mine.epoch() == fencedEpoch
        || !mine.incarnation().equals(identity.incarnation())) {
      return;
    }
    fencing = true;
    var unused =
        log.submitByOthers(new FenceBroker(mine.id(), mine.epoch()))
            .whenComplete(
                (result, failure) ->
                    own.execute(
                        () -> {
                          fencing = false;
                          if (result instanceof Accepted) {
                            fencedEpoch = mine.epoch();
                          }
                        }));
    LOG.warn(
        "broker {} gives up what it leads: its data loop stood for {} ms; controller {}",
        identity.brokerId(),
        TimeUnit.NANOSECONDS.toMillis(timeoutNanos),
        controller == Controller.NONE ? "unknown yet" : controller);
  }
}
