package io.highwater.replication.transport;

/** The leader broker's door: takes streams of followers. On the owner loop. */
public interface FollowerLinkAcceptor {
  /**
   * Takes a stream, or refuses it by closing the link.
   *
   * @param link the leader's end
   * @param hello the follower's first word
   * @return hears the follower from now on
   */
  FollowerLinkListener accept(FollowerLink link, Hello hello);
}
