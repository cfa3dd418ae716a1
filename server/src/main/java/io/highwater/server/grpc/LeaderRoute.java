package io.highwater.server.grpc;

import io.grpc.ManagedChannel;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.server.partition.LeaderHint;
import io.highwater.server.partition.TopicCatalog;
import io.highwater.server.produce.Append;
import io.highwater.server.produce.AppendOutcome;
import io.highwater.server.pubsub.BatchRoute;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Sends batches of record-level clients to whoever leads their partition: this broker's own
 * handler, or another broker over one produce stream, so that a client may publish anywhere. What
 * is on its way to a leader that was replaced is let go, and goes to the next one unless it was
 * sent. On the owner loop.
 */
public final class LeaderRoute implements BatchRoute, AutoCloseable {
  private final int nodeId;
  private final TopicCatalog catalog;
  private final BatchRoute own;
  private final OwnerLoop loop;
  private final Function<LeaderHint, ManagedChannel> connect;
  private final Map<Registration, ForwardStream> streams = new HashMap<>();

  /** A broker from one start, or one cut from the others, to the next. */
  private record Registration(int nodeId, long brokerEpoch) {}

  /**
   * @param nodeId this broker
   * @param own appends to partitions led here
   * @param connect makes a connection to another broker, on the owner loop
   */
  public LeaderRoute(
      int nodeId,
      TopicCatalog catalog,
      BatchRoute own,
      OwnerLoop loop,
      Function<LeaderHint, ManagedChannel> connect) {
    this.nodeId = nodeId;
    this.catalog = catalog;
    this.own = own;
    this.loop = loop;
    this.connect = connect;
    catalog.onNewer(this::leaveReplaced);
  }

  @Override
  public void append(Append request, ByteBuffer records, Consumer<AppendOutcome> answer) {
    LeaderHint leader = catalog.leader(request.partition());
    if (leader == null || leader.nodeId() == nodeId) {
      own.append(request, records, answer);
    } else {
      streamTo(leader).append(request.in(leader.leaderEpoch()), records, answer);
    }
  }

  private ForwardStream streamTo(LeaderHint leader) {
    BrokerRegistration broker = catalog.image().broker(leader.nodeId());
    Registration registration = new Registration(broker.id(), broker.epoch());
    ForwardStream stream = streams.get(registration);
    if (stream == null || stream.isOver()) {
      stream = new ForwardStream(connect.apply(leader), loop);
      streams.put(registration, stream);
    }
    return stream;
  }

  /** Before anything else is appended by the newer image: the order within a partition stays. */
  private void leaveReplaced() {
    streams.values().removeIf(ForwardStream::isOver);
    List<ForwardStream.Forwarded> unsent = new ArrayList<>();
    streams.forEach(
        (registration, stream) -> {
          if (isCurrent(registration)) {
            unsent.addAll(stream.leave(request -> !leads(registration.nodeId(), request)));
          } else {
            unsent.addAll(stream.leave(request -> true));
            stream.endSoon();
          }
        });
    unsent.forEach(forwarded -> forwarded.go(this));
  }

  private boolean isCurrent(Registration registration) {
    BrokerRegistration broker = catalog.image().broker(registration.nodeId());
    return broker != null && broker.epoch() == registration.brokerEpoch();
  }

  /** Whether a broker leads the partition still, in the epoch that the request is for. */
  private boolean leads(int broker, Append request) {
    LeaderHint leader = catalog.leader(request.partition());
    return leader != null
        && leader.nodeId() == broker
        && leader.leaderEpoch() == request.leaderEpoch();
  }

  /** Closes the connections; what is under way on them fails. */
  @Override
  public void close() {
    streams.values().forEach(ForwardStream::close);
    streams.clear();
  }
}
