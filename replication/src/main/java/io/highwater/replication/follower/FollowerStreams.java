package io.highwater.replication.follower;

import io.highwater.replication.OwnerLoop;
import io.highwater.replication.ReplicasConfig;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.transport.BrokerEndpoint;
import io.highwater.replication.transport.Hello;
import io.highwater.replication.transport.ReplicaTransport;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.NanoClock;

/**
 * The streams on which this broker follows others: one to each leader broker. On the owner loop.
 */
public final class FollowerStreams {
  private final ReplicasConfig config;
  private final OwnerLoop loop;
  private final Executor io;
  private final NanoClock clock;
  private final RandomGenerator random;
  private final ReplicaTransport transport;
  private final Map<Integer, ReplicaReceiver> receivers = new TreeMap<>();
  private ClusterImage image = ClusterImage.EMPTY;
  private long brokerEpoch;
  private long lastIncarnation;

  /**
   * @param io reads what may have to come from the disk
   * @param random spreads reconnects
   */
  public FollowerStreams(
      ReplicasConfig config,
      OwnerLoop loop,
      Executor io,
      NanoClock clock,
      RandomGenerator random,
      ReplicaTransport transport) {
    this.config = config;
    this.loop = loop;
    this.io = io;
    this.clock = clock;
    this.random = random;
    this.transport = transport;
  }

  /**
   * Takes addresses and this broker's registration from an image; streams under an older
   * registration or to an older address are opened anew.
   */
  public void onImage(ClusterImage newer, long epoch) {
    image = newer;
    boolean registered = epoch != brokerEpoch;
    brokerEpoch = epoch;
    for (ReplicaReceiver receiver : receivers.values()) {
      receiver.settle(registered);
    }
  }

  /** Begins to follow. */
  public void add(FollowerAppender follower) {
    receivers
        .computeIfAbsent(follower.state().leader(), leader -> new ReplicaReceiver(leader, this))
        .add(follower);
  }

  /** Follows no longer. */
  public void remove(FollowerAppender follower) {
    ReplicaReceiver receiver = receivers.get(follower.state().leader());
    if (receiver != null) {
      receiver.remove(follower);
      if (receiver.isIdle()) {
        receivers.remove(follower.state().leader());
        receiver.close();
      }
    }
  }

  /** More of a follower's log is on the disk: its leader may count it. */
  public void flushed(FollowerAppender follower) {
    ReplicaReceiver receiver = receivers.get(follower.state().leader());
    if (receiver != null) {
      receiver.flushed(follower);
    }
  }

  /**
   * Tells every leader that this broker lives; several times in the time after which the silent
   * count as dead.
   */
  public void showLife() {
    receivers.values().forEach(ReplicaReceiver::showLife);
  }

  /** Closes every stream. */
  public void close() {
    receivers.values().forEach(ReplicaReceiver::close);
    receivers.clear();
  }

  ReplicasConfig config() {
    return config;
  }

  OwnerLoop loop() {
    return loop;
  }

  Executor io() {
    return io;
  }

  ReplicaTransport transport() {
    return transport;
  }

  long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(clock.nanoTime());
  }

  long backoffMs(int failures) {
    return config.reconnect().pauseMs(failures, random.nextDouble());
  }

  /** Where a leader listens for us, or null while that is not known. */
  BrokerEndpoint endpointOf(int leader) {
    BrokerRegistration broker = image.broker(leader);
    Endpoint endpoint = broker == null ? null : broker.endpoints().get(ListenerName.BROKERS);
    return endpoint == null ? null : new BrokerEndpoint(leader, endpoint.host(), endpoint.port());
  }

  Hello hello(int leader) {
    return new Hello(
        image.clusterId(), config.brokerId(), brokerEpoch, ++lastIncarnation, leader, true);
  }
}
