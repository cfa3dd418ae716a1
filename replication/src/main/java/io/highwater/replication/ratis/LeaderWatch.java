package io.highwater.replication.ratis;

import io.highwater.replication.control.MetadataLog.Controller;
import io.highwater.replication.control.Published;
import org.apache.ratis.server.DivisionInfo;

/**
 * Looks whether a member still has a leader. Ratis tells of a new one only; of a lost one it tells
 * when others refuse their votes, but not while a member that is cut off waits for any answer.
 */
final class LeaderWatch implements AutoCloseable {
  private static final long LOOK_MS = 500;

  private final DivisionInfo member;
  private final Published<Controller> controllers;
  private final Repeating looks =
      new Repeating("the look for the quorum's leader", LOOK_MS, this::look);
  private volatile boolean leaderless;

  /**
   * @param controllers become {@link Controller#NONE} when two looks in a row find no leader: an
   *     election is mostly over sooner
   */
  LeaderWatch(DivisionInfo member, Published<Controller> controllers) {
    this.member = member;
    this.controllers = controllers;
  }

  void start() {
    looks.start();
  }

  private void look() {
    boolean before = leaderless;
    leaderless = member.getLeaderId() == null;
    if (before && leaderless) {
      // Asked again: news of a leader that came meanwhile must not be overwritten.
      controllers.update(known -> member.getLeaderId() == null ? known.lost() : known);
    }
  }

  @Override
  public void close() {
    looks.close();
  }
}
