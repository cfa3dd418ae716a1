package io.highwater.replication.control;

/**
 * How far a member of the quorum came, by what it keeps. None of it ever goes back, unless the
 * member lost what it kept (CTL-4).
 *
 * @param generation counts how often it began anew because what it kept was given up
 * @param term the highest that it knew
 * @param vote whom it voted for in that term; empty: nobody
 * @param index of the last entry it has; what is remembered of a member counts committed ones only,
 *     for others it may have to drop; -1: none
 */
public record MemberProgress(int generation, long term, String vote, long index) {
  private static final String NOBODY = "-";
  private static final int FIELDS = 4;

  /** Of who begins and has nothing. */
  public static MemberProgress none(int generation) {
    return new MemberProgress(generation, 0, "", -1);
  }

  /** Whether a member that came so far may have come as far as the other says before. */
  public boolean reaches(MemberProgress other) {
    if (generation != other.generation) {
      return generation > other.generation;
    }
    boolean keepsVote = other.vote.isEmpty() || other.vote.equals(vote);
    return index >= other.index && (term > other.term || (term == other.term && keepsVote));
  }

  /** The farthest that is known by this and the other; a vote is not taken back. */
  public MemberProgress and(MemberProgress other) {
    if (generation != other.generation) {
      return generation > other.generation ? this : other;
    }
    boolean votedLater = other.term > term || (other.term == term && vote.isEmpty());
    return new MemberProgress(
        generation,
        Math.max(term, other.term),
        votedLater ? other.vote : vote,
        Math.max(index, other.index));
  }

  /** In one line, for {@link #parse}. */
  public String text() {
    return generation + " " + term + " " + (vote.isEmpty() ? NOBODY : vote) + " " + index;
  }

  /**
   * What {@link #text} wrote.
   *
   * @throws IllegalArgumentException when it did not
   */
  public static MemberProgress parse(String text) {
    String[] fields = text.split(" ", -1);
    if (fields.length != FIELDS) {
      throw new IllegalArgumentException("not a member's progress: " + text);
    }
    return new MemberProgress(
        Integer.parseInt(fields[0]),
        Long.parseLong(fields[1]),
        fields[2].equals(NOBODY) ? "" : fields[2],
        Long.parseLong(fields[3]));
  }
}
