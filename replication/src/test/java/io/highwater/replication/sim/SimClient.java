package io.highwater.replication.sim;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.PartitionImage;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What every client of a partition has: a place in the network, a belief about who leads, and
 * streams to brokers, on which requests stay in order.
 */
final class SimClient {
  private final int node;
  private final SimCluster cluster;
  private final TopicIdPartition partition;
  private final SimLoop loop;
  private final Runnable onDisconnected;
  private final Map<Integer, SimStream> streams = new HashMap<>();
  private int leader = -1;
  private int leaderEpoch = -1;

  /**
   * @param onDisconnected hears that requests on a stream may stay unanswered
   */
  SimClient(int node, SimCluster cluster, TopicIdPartition partition, Runnable onDisconnected) {
    this.node = node;
    this.cluster = cluster;
    this.partition = partition;
    this.onDisconnected = onDisconnected;
    loop = new SimLoop(cluster.scheduler(), new SimClock(cluster.scheduler()));
  }

  int node() {
    return node;
  }

  TopicIdPartition partition() {
    return partition;
  }

  int leaderEpoch() {
    return leaderEpoch;
  }

  boolean knowsLeader() {
    return leader > 0;
  }

  /** The broker that it takes for the leader. */
  SimBroker leader() {
    return cluster.broker(leader);
  }

  /** Asks any broker for the metadata that it has, which may be old. */
  void refresh() {
    SimBroker broker = cluster.broker(1 + cluster.scheduler().random().nextInt(cluster.size()));
    if (broker.replicas() == null
        || broker.loop().isStalled()
        || !cluster.network().reaches(node, broker.id())
        || !cluster.network().reaches(broker.id(), node)) {
      return;
    }
    PartitionImage image = broker.replicas().image().partition(partition);
    if (image != null && image.leaderEpoch() >= leaderEpoch) {
      leader = image.leader();
      leaderEpoch = image.leaderEpoch();
    }
  }

  /** An answer told of an epoch. */
  void saw(int epoch) {
    leaderEpoch = Math.max(leaderEpoch, epoch);
  }

  /**
   * Sends a request to the leader on the stream to it.
   *
   * @param serve runs at the broker; what it hands to its second argument runs here
   */
  void request(String label, BiConsumer<SimBroker, Consumer<Runnable>> serve) {
    SimBroker broker = leader();
    SimStream stream = streams.computeIfAbsent(leader, this::connect);
    stream.send(
        stream.first(),
        label,
        () -> serve.accept(broker, answer -> stream.send(stream.second(), label, answer)));
  }

  private SimStream connect(int brokerId) {
    SimBroker broker = cluster.broker(brokerId);
    SimStream.End near = new SimStream.End(node, loop, () -> disconnected(brokerId));
    SimStream.End far = new SimStream.End(brokerId, broker.loop(), () -> {});
    return cluster.network().stream(near, far);
  }

  private void disconnected(int brokerId) {
    streams.remove(brokerId);
    onDisconnected.run();
  }

  /** Sends a single message to the leader, which may get lost, late or doubled; so may answers. */
  void message(String label, BiConsumer<SimBroker, Consumer<Runnable>> serve) {
    SimBroker broker = leader();
    SimNetwork network = cluster.network();
    network.send(
        node,
        broker.id(),
        label,
        () ->
            broker
                .loop()
                .run(
                    () ->
                        serve.accept(
                            broker, answer -> network.send(broker.id(), node, label, answer))));
  }
}
