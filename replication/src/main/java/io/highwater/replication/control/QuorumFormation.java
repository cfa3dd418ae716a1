package io.highwater.replication.control;

import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Whether a controller with an empty directory may become a member of its quorum, by what the
 * others answer (CTL-4). It may have voted and lost that, so it joins only what holds without it:
 * nobody has an entry yet, or the others committed one among themselves after they were asked.
 *
 * @param nodeId the controller
 * @param directoryId its directory
 * @param others all other voters configured
 */
public record QuorumFormation(int nodeId, UUID directoryId, SortedSet<Integer> others) {

  /**
   * What another controller has.
   *
   * @param hasEntries whether its log has any, committed or not
   * @param image what it has applied of them
   */
  public record Answer(boolean hasEntries, ClusterImage image) {
    /** Of one that has an empty log, or is no member either. */
    public static final Answer NOTHING = new Answer(false, ClusterImage.EMPTY);
  }

  /** What follows from answers. */
  public sealed interface Verdict permits Form, Wait, Confirm, Refuse {}

  /** It becomes a member. */
  public record Form() implements Verdict {}

  /**
   * It asks again.
   *
   * @param silent those who did not answer
   */
  public record Wait(SortedSet<Integer> silent) implements Verdict {}

  /** It lets the others commit an entry, then asks them again. */
  public record Confirm() implements Verdict {}

  /**
   * It does not start: it is not the member that they know.
   *
   * @param known the directory with which they know its node id
   */
  public record Refuse(UUID known) implements Verdict {}

  /**
   * Judges answers that were given in the same round, after the entry was confirmed.
   *
   * @param answers by node id; who did not answer is missing
   * @param confirmedIndex of an entry that the others committed without this one; -1: none
   */
  public Verdict judge(Map<Integer, Answer> answers, long confirmedIndex) {
    ClusterImage newest = ClusterImage.EMPTY;
    boolean begun = false;
    for (Answer answer : answers.values()) {
      newest = answer.image().index() > newest.index() ? answer.image() : newest;
      begun |= answer.hasEntries();
    }
    BrokerRegistration known = newest.broker(nodeId);
    if (known != null && !known.directoryId().equals(directoryId)) {
      return new Refuse(known.directoryId());
    }
    SortedSet<Integer> silent = new TreeSet<>(others);
    silent.removeAll(answers.keySet());
    if (!silent.isEmpty()) {
      return new Wait(silent);
    }
    boolean confirmed = confirmedIndex >= 0 && newest.index() >= confirmedIndex;
    return begun && !confirmed ? new Confirm() : new Form();
  }
}
