package io.highwater.server.sim;

import io.highwater.client.FetchStream;
import io.highwater.client.LogStatus;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.LostRecords;
import io.highwater.replication.Replica;
import io.highwater.replication.sim.SimStream;
import io.highwater.server.fetch.FetchSession;
import io.highwater.server.fetch.FetchSink;
import io.highwater.server.fetch.FetchStart;
import io.highwater.server.partition.LeaderHint;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.Consumer;

/** Positions to the broker's fetch session, and its frames. */
final class SimFetchStream implements FetchStream {
  private static final ByteBuffer NO_RECORDS = ByteBuffer.allocate(0);

  private final Services services;
  private final Link link;
  private final Listener listener;
  private final SimStream stream;
  private final BrokerSide brokerSide = new BrokerSide();
  private boolean closed;

  SimFetchStream(Services services, Link link, Listener listener) {
    this.services = services;
    this.link = link;
    this.listener = listener;
    this.stream = link.stream(() -> tell(to -> to.onClosed(Link.lost())), brokerSide::end);
  }

  private void tell(Consumer<Listener> what) {
    if (!closed) {
      what.accept(listener);
    }
  }

  @Override
  public void position(
      UUID topicId, int partition, int leaderEpoch, Position position, boolean fromFollower) {
    boolean skips = services.flaw() == ClientFlaw.POSITION_SKIPS_A_RECORD && position.offset() > 0;
    FetchStart start =
        new FetchStart(
            new TopicIdPartition(topicId, partition),
            leaderEpoch,
            skips ? position.offset() + 1 : position.offset(),
            position.lastEpoch(),
            0,
            fromFollower,
            position.offsetEpoch());
    stream.send(stream.first(), "position", () -> brokerSide.position(start));
  }

  @Override
  public void credit(long bytes) {
    stream.send(stream.first(), "credit", () -> brokerSide.grant(bytes));
  }

  @Override
  public void close() {
    closed = true;
    stream.close(stream.first());
  }

  /** The end at the broker, on its loop. */
  private final class BrokerSide implements FetchSink {
    private ServedBroker broker;
    private FetchSession session;
    private long creditBytes;
    private long sentBytes;
    private long reservedBytes;
    private long neededBytes = 1;
    private boolean over;

    private FetchSession session() {
      if (session == null) {
        broker = services.of(link.broker());
        session = broker.fetch(this);
      }
      broker.catalog();
      return session;
    }

    void position(FetchStart start) {
      FetchSession present = session();
      TopicIdPartition id = start.id();
      try {
        broker.catalog().partition(id.topicId(), null, id.partition());
        present.position(start);
        sendUncommitted(start);
      } catch (HighwaterException e) {
        ended(id, e.code(), e.getMessage(), start.offset(), null);
      }
    }

    private void sendUncommitted(FetchStart start) {
      Replica replica = link.broker().replicas().replica(start.id());
      if (services.flaw() == ClientFlaw.FOLLOWER_SENDS_UNCOMMITTED
          && replica != null
          && replica.role() == Replica.Role.FOLLOWER
          && start.offset() < replica.log().logEndOffset()) {
        ByteBuffer into = ByteBuffer.allocate(1 << 16);
        replica.log().read(start.offset(), replica.log().logEndOffset(), into);
        send(start.id(), into.flip(), replica.status());
      }
    }

    void grant(long bytes) {
      creditBytes = Math.max(creditBytes, bytes);
      neededBytes = 1;
      session().resume();
    }

    void end() {
      over = true;
      if (session != null) {
        session.close();
      }
    }

    @Override
    public boolean takesRecords() {
      return takesSignals() && creditBytes - sentBytes - reservedBytes >= neededBytes;
    }

    @Override
    public int reserve(TopicIdPartition id, long nextOffset, int leastBytes, int mostBytes) {
      long left = creditBytes - sentBytes - reservedBytes;
      if (leastBytes > left) {
        neededBytes = leastBytes;
        long needed = sentBytes + leastBytes;
        stream.send(stream.second(), "credit needed", () -> tell(to -> to.onCreditNeeded(needed)));
        return 0;
      }
      int reserved = (int) Math.min(mostBytes, left);
      reservedBytes += reserved;
      return reserved;
    }

    @Override
    public void unreserve(int bytes) {
      reservedBytes -= bytes;
    }

    @Override
    public boolean takesCaughtUp() {
      return takesSignals();
    }

    @Override
    public boolean takesSignals() {
      return !over;
    }

    @Override
    public void records(
        TopicIdPartition id,
        long wantedOffset,
        ByteBuffer records,
        io.highwater.replication.LogStatus status) {
      sentBytes += records.remaining();
      reservedBytes -= records.remaining();
      send(id, records, status);
      broker.reader().release(records);
    }

    private void send(
        TopicIdPartition id, ByteBuffer records, io.highwater.replication.LogStatus status) {
      byte[] sent = new byte[records.remaining()];
      records.duplicate().get(sent);
      services.cluster().history().read(id, sent);
      frame(Kind.BATCH, id, ErrorCode.NONE, "", of(status), null, 0, ByteBuffer.wrap(sent));
    }

    @Override
    public void watermark(TopicIdPartition id, io.highwater.replication.LogStatus status) {
      frame(Kind.WATERMARK, id, ErrorCode.NONE, "", of(status), null, 0, NO_RECORDS);
    }

    @Override
    public void caughtUp(TopicIdPartition id, io.highwater.replication.LogStatus status) {
      frame(Kind.CAUGHT_UP, id, ErrorCode.NONE, "", of(status), null, 0, NO_RECORDS);
    }

    @Override
    public void gap(
        TopicIdPartition id, long fromOffset, io.highwater.replication.LogStatus status) {
      frame(Kind.GAP, id, ErrorCode.NONE, "", of(status), null, fromOffset, NO_RECORDS);
    }

    @Override
    public void lost(
        TopicIdPartition id, LostRecords lost, io.highwater.replication.LogStatus status) {
      send(
          new Frame(
              Kind.GAP,
              id.topicId(),
              id.partition(),
              ErrorCode.NONE,
              lost.text(),
              of(status),
              null,
              lost.fromOffset(),
              new Lost(lost.fromOffset(), lost.certain(), lost.text()),
              NO_RECORDS));
    }

    @Override
    public void ended(
        TopicIdPartition id, ErrorCode error, String text, long nextOffset, LeaderHint leader) {
      LogStatus none = new LogStatus(-1, 0, 0, 0);
      frame(Kind.ERROR, id, error, text, none, SimChannel.hint(leader), 0, NO_RECORDS);
    }

    private static LogStatus of(io.highwater.replication.LogStatus status) {
      return new LogStatus(
          status.leaderEpoch(),
          status.logStartOffset(),
          status.highWatermark(),
          status.lastStableOffset());
    }

    private void frame(
        Kind kind,
        TopicIdPartition id,
        ErrorCode error,
        String text,
        LogStatus status,
        io.highwater.client.LeaderHint leader,
        long gapFrom,
        ByteBuffer records) {
      send(
          new Frame(
              kind,
              id.topicId(),
              id.partition(),
              error,
              text,
              status,
              leader,
              gapFrom,
              null,
              records));
    }

    private void send(Frame frame) {
      if (!over) {
        stream.send(stream.second(), "frame", () -> tell(to -> to.onFrame(frame)));
      }
    }
  }
}
