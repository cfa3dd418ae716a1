package io.highwater.replication.ratis;

import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.MemberProgress;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has it remembered how far a member came, beside what it keeps and by the other members, so that
 * it is recognised when it comes back with an older copy (CTL-4). Only what is durable is told, so
 * a crash never makes a member older than it is remembered.
 */
final class ProgressWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressWatch.class);
  private static final long LOOK_MS = 1_000;

  private final RaftServer.Division member;
  private final QuorumStorage storage;
  private final QuorumMemory memory;
  private final MemberQuestions others;
  private final Consumer<HighwaterException> onRolledBack;
  private final Repeating looks =
      new Repeating("remembering how far this controller came", LOOK_MS, this::look);

  /** By what it kept when it started; later it may have caught up with what it lost. */
  private final MemberProgress started;

  /** What was remembered then, which each of the others hears first. */
  private final MemberProgress recalled;

  private final Map<RaftPeerId, MemberProgress> known = new ConcurrentHashMap<>();
  private String complaint = "";
  private boolean closed;

  /**
   * @param started how far the member came by what it keeps, before it starts
   * @param onRolledBack hears once, with what the operator can do, when another member remembers
   *     more than that
   */
  ProgressWatch(
      RaftServer.Division member,
      QuorumStorage storage,
      MemberProgress started,
      MemberQuestions others,
      Consumer<HighwaterException> onRolledBack)
      throws IOException {
    this.member = member;
    this.storage = storage;
    this.memory = storage.memory();
    this.started = started;
    this.recalled = memory.own();
    this.others = others;
    this.onRolledBack = onRolledBack;
  }

  void start() {
    looks.start();
  }

  private synchronized void look() {
    if (closed) {
      return;
    }
    try {
      rememberOwn();
      tellOthers();
      complaint = "";
    } catch (IOException e) {
      if (!complaint.equals(e.toString())) {
        complaint = e.toString();
        LOG.warn("how far this controller came cannot be remembered: {}", complaint);
      }
    }
  }

  private void rememberOwn() throws IOException {
    RaftStorageMetadata stored = member.getRaftStorage().getMetadataFile().getMetadata();
    MemberProgress before = memory.own();
    RaftPeerId vote = stored.getVotedFor();
    MemberProgress now =
        new MemberProgress(
            before.generation(),
            stored.getTerm(),
            vote == null ? "" : vote.toString(),
            member.getRaftLog().getLastCommittedIndex());
    if (!before.reaches(now)) {
      storage.syncNames();
      memory.remember(now);
    }
  }

  private void tellOthers() {
    MemberProgress own = memory.own();
    int node = QuorumGroup.nodeId(member.getId());
    for (RaftPeer peer : member.getRaftConf().getCurrentPeers()) {
      RaftPeerId other = peer.getId();
      MemberProgress heard = known.get(other);
      if (!other.equals(member.getId()) && (heard == null || !heard.reaches(own))) {
        // Who does not answer is told again.
        var unused =
            others
                .tell(other, node, memory.directoryId(), heard == null ? recalled : own)
                .thenAccept(remembered -> heard(other, remembered));
      }
    }
  }

  private void heard(RaftPeerId other, MemberProgress remembered) {
    // What it remembers at first is of earlier starts: it is told of this one afterwards.
    boolean isFirst = known.put(other, remembered) == null;
    if (!isFirst || started.reaches(remembered) || !end()) {
      return;
    }
    LOG.error(
        "CTL-4: controller {} remembers that this one came to {}, but it started at {}: what it"
            + " keeps is an older copy",
        other,
        remembered,
        started);
    try {
      memory.remember(remembered);
    } catch (IOException e) {
      LOG.error("that this controller has an older copy cannot be remembered", e);
    }
    onRolledBack.accept(storage.rolledBack());
  }

  private synchronized boolean end() {
    boolean first = !closed;
    close();
    return first;
  }

  @Override
  public synchronized void close() {
    closed = true;
    looks.close();
  }
}
