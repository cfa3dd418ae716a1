package io.highwater.replication.follower;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.Cancellable;
import io.highwater.replication.core.FollowerState;
import io.highwater.replication.transport.BrokerEndpoint;
import io.highwater.replication.transport.HashQuestion;
import io.highwater.replication.transport.LeaderLink;
import io.highwater.replication.transport.LeaderLinkListener;
import io.highwater.replication.transport.PushFrame;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the stream to one leader broker: opens it again whenever it breaks, follows all partitions
 * over it, grants credit as frames are taken in. On the owner loop.
 *
 * <p>Acknowledgements go out at the end of the loop's turn, one for each partition however many
 * frames came.
 */
final class ReplicaReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaReceiver.class);

  private final int leaderId;
  private final FollowerStreams streams;
  private final Map<TopicIdPartition, FollowerAppender> followers = new LinkedHashMap<>();
  private final ArrayDeque<FollowerAppender> acks = new ArrayDeque<>();
  private final Runnable sendAcks = this::sendAcks;
  private final RangeAnswers ranges;
  private Stream stream;
  private BrokerEndpoint endpoint;
  private Cancellable reconnect = Cancellable.DONE;
  private boolean reconnectPending;
  private boolean askAgainPending;
  private int failures;
  private boolean closed;

  ReplicaReceiver(int leaderId, FollowerStreams streams) {
    this.leaderId = leaderId;
    this.streams = streams;
    this.ranges = new RangeAnswers(streams.loop(), streams.io());
  }

  boolean isIdle() {
    return followers.isEmpty();
  }

  void add(FollowerAppender follower) {
    followers.put(follower.partition(), follower);
    if (stream != null) {
      ask(follower);
    } else {
      settle(false);
    }
  }

  void remove(FollowerAppender follower) {
    if (followers.remove(follower.partition(), follower)) {
      int untaken = follower.unlinked();
      acks.remove(follower);
      if (stream != null) {
        stream.link.unfollow(follower.partition());
        stream.taken(untaken);
      }
    }
  }

  /**
   * Brings the stream in line with the newest image.
   *
   * @param anew the stream is to be opened again even if the address is the same
   */
  void settle(boolean anew) {
    BrokerEndpoint newest = streams.endpointOf(leaderId);
    if (stream != null && (anew || !stream.endpoint.equals(newest))) {
      disconnect();
    }
    if (newest != null && !newest.equals(endpoint)) {
      endpoint = newest;
      failures = 0;
      reconnect.cancel();
      reconnectPending = false;
    }
    if (stream == null && endpoint != null && !reconnectPending && !followers.isEmpty()) {
      connect();
    }
  }

  /** The leader is to know that this broker lives. */
  void showLife() {
    if (stream == null) {
      return;
    }
    stream.link.grant(stream.grantedBytes);
    for (FollowerAppender follower : followers.values()) {
      if (follower.owesSpace()) {
        ackLater(follower);
      }
    }
  }

  void close() {
    closed = true;
    reconnect.cancel();
    disconnect();
  }

  private void connect() {
    if (closed) {
      return;
    }
    stream = new Stream(endpoint);
    stream.link = streams.transport().open(endpoint, streams.hello(leaderId), stream);
    stream.grant();
    followers.values().forEach(this::ask);
  }

  /** Says where the log ends and with what, once that is known. */
  private void ask(FollowerAppender follower) {
    if (follower.isOnDisk()) {
      return; // When that is over, it is asked.
    }
    if (follower.beginLook()) {
      streams.io().execute(() -> look(follower));
    } else if (!follower.isLooking()) {
      stream.link.follow(follower.ask());
    }
  }

  /** On the I/O pool. */
  private void look(FollowerAppender follower) {
    FollowerAppender.Found found = follower.look();
    streams
        .loop()
        .execute(
            () -> {
              if (followers.get(follower.partition()) == follower
                  && follower.endLook(found)
                  && stream != null) {
                ask(follower);
              }
            });
  }

  private void disconnect() {
    if (stream != null) {
      stream.link.close();
      unlink();
    }
  }

  private void unlink() {
    stream = null;
    acks.clear();
    for (FollowerAppender follower : followers.values()) {
      follower.unlinked();
    }
  }

  private void connectLater() {
    failures++;
    reconnectPending = true;
    reconnect =
        streams
            .loop()
            .schedule(
                streams.backoffMs(failures),
                () -> {
                  reconnectPending = false;
                  settle(false);
                });
  }

  private void acknowledge(FollowerAppender follower) {
    if (!follower.acksAfterFlush()) {
      ackLater(follower);
    }
  }

  /** More of the log is on the disk. */
  void flushed(FollowerAppender follower) {
    if (stream != null && follower.state().phase() == FollowerState.Phase.REPLICATING) {
      ackLater(follower);
    }
  }

  private void ackLater(FollowerAppender follower) {
    if (follower.enqueueAck()) {
      if (acks.isEmpty()) {
        streams.loop().execute(sendAcks);
      }
      acks.addLast(follower);
    }
  }

  private void sendAcks() {
    for (FollowerAppender follower = acks.pollFirst();
        follower != null;
        follower = acks.pollFirst()) {
      stream.link.ack(follower.ack());
    }
  }

  private void askAgainLater() {
    if (!askAgainPending) {
      askAgainPending = true;
      streams.loop().schedule(streams.config().refusedPauseMs(), this::askAgain);
    }
  }

  private void askAgain() {
    askAgainPending = false;
    if (stream == null) {
      return;
    }
    for (FollowerAppender follower : followers.values()) {
      if (follower.isOnDisk()) {
        continue;
      }
      if (follower.state().asksAgain(streams.nowMs())) {
        ask(follower);
      } else if (follower.state().phase() == FollowerState.Phase.REFUSED) {
        askAgainLater();
      }
    }
  }

  /** One incarnation of the stream; what an older one still says is not heard. */
  private final class Stream implements LeaderLinkListener, FollowerAppender.Listener {
    private final BrokerEndpoint endpoint;
    private LeaderLink link;
    private long takenBytes;
    private long grantedBytes;

    Stream(BrokerEndpoint endpoint) {
      this.endpoint = endpoint;
    }

    void grant() {
      long creditBytes = streams.config().creditBytes();
      if (grantedBytes - takenBytes <= creditBytes / 2) {
        grantedBytes = takenBytes + creditBytes;
        link.grant(grantedBytes);
      }
    }

    @Override
    public void onAccepted(long leaderBrokerEpoch) {
      failures = 0;
    }

    @Override
    public void onPush(PushFrame frame) {
      FollowerAppender follower = followers.get(frame.partition());
      if (follower != null) {
        follower.push(frame, this);
      } else {
        taken(frame.records().remaining());
      }
    }

    /** Of what was said on this stream, perhaps when there is another one. */
    @Override
    public void ended(FollowerAppender follower, int bytes, FollowerState.Verdict verdict) {
      if (stream == this && followers.get(follower.partition()) == follower) {
        if (verdict == FollowerState.Verdict.ACCEPT) {
          if (bytes > 0 || follower.owesFlushed()) {
            acknowledge(follower);
          }
          if (follower.owesRound()) {
            ackLater(follower);
          }
        }
        if (follower.owesSpace()) {
          ackLater(follower);
        }
        react(follower, verdict);
      } else if (stream != null && followers.get(follower.partition()) == follower) {
        ask(follower); // The new stream left it to this.
      }
      taken(bytes);
    }

    private void taken(int bytes) {
      if (bytes > 0 && stream == this) {
        takenBytes += bytes;
        grant();
      }
    }

    @Override
    public void onDiverged(TopicIdPartition partition, int leaderEpoch, int epoch, long end) {
      FollowerAppender follower = followers.get(partition);
      if (follower != null) {
        follower.diverged(leaderEpoch, epoch, end, this);
      }
    }

    @Override
    public void onReset(
        TopicIdPartition partition, int leaderEpoch, long logStartOffset, long horizon) {
      FollowerAppender follower = followers.get(partition);
      if (follower != null) {
        follower.reset(leaderEpoch, logStartOffset, horizon, this);
      }
    }

    @Override
    public void onDiffers(TopicIdPartition partition, int leaderEpoch, long end, String text) {
      FollowerAppender follower = followers.get(partition);
      if (follower != null) {
        follower.differs(leaderEpoch, end, text);
      }
    }

    @Override
    public void onHashAsked(HashQuestion question) {
      ranges.answer(followers.get(question.partition()), question, link);
    }

    @Override
    public void onRefused(TopicIdPartition partition, int leaderEpoch, ErrorCode error) {
      FollowerAppender follower = followers.get(partition);
      if (follower != null) {
        follower.state().refused(leaderEpoch, streams.nowMs());
        askAgainLater();
      }
    }

    @Override
    public void onClosed(ErrorCode error, String text) {
      if (failures == 0) {
        LOG.info("stream to leader broker {} closed: {} {}", leaderId, error, text);
      }
      unlink();
      connectLater();
    }

    private void react(FollowerAppender follower, FollowerState.Verdict verdict) {
      if (verdict == FollowerState.Verdict.ASK_AGAIN) {
        ask(follower);
      } else if (follower.state().phase() == FollowerState.Phase.REFUSED) {
        askAgainLater();
      }
    }
  }
}
