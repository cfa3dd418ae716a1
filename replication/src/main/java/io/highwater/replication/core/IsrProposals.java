package io.highwater.replication.core;

/**
 * The proposals that a leader makes upon one version of its assignment: one at a time. An outcome
 * that is not known leaves its members in the maximal set until the version moves (ISR-1).
 */
final class IsrProposals {
  private final long retryMs;
  private IsrProposal open;
  private boolean unanswered;
  private boolean lost;
  private long retryAtMs = Long.MIN_VALUE;

  IsrProposals(long retryMs) {
    this.retryMs = retryMs;
  }

  /** Whether a new proposal may be made now. */
  boolean idle(long nowMs) {
    return open == null && nowMs >= retryAtMs;
  }

  /** The proposal whose outcome is open, or null. */
  IsrProposal open() {
    return open;
  }

  IsrProposal propose(IsrProposal proposal) {
    open = proposal;
    unanswered = true;
    return open;
  }

  /** The assignment has a newer version: whatever was open has been decided. */
  void decided() {
    open = null;
    unanswered = false;
    lost = false;
    retryAtMs = Long.MIN_VALUE;
  }

  /** Accepted: its commit will show as a newer version of the assignment. */
  void accepted(IsrProposal proposal) {
    if (proposal.equals(open)) {
      unanswered = false;
      retryAtMs = Long.MAX_VALUE;
    }
  }

  /**
   * Rejected.
   *
   * @return whether this settles it: no earlier try of it can still be accepted. Else something
   *     else must be committed to make the earlier tries void: {@link #instead}
   */
  boolean rejected(IsrProposal proposal, long nowMs) {
    if (!proposal.equals(open)) {
      return false;
    }
    unanswered = false;
    retryAtMs = nowMs + retryMs;
    if (lost) {
      return false;
    }
    open = null;
    return true;
  }

  /** Replaces a proposal that was rejected while an earlier try of it may still be accepted. */
  void instead(IsrProposal proposal) {
    open = proposal;
  }

  /** Nobody knows whether it was committed: it is tried again as it is. */
  void outcomeUnknown(IsrProposal proposal, long nowMs) {
    if (proposal.equals(open)) {
      unanswered = false;
      lost = true;
      retryAtMs = nowMs + retryMs;
    }
  }

  /** The open proposal when it is time to try it again, else null. */
  IsrProposal retry(long nowMs) {
    if (open == null || unanswered || nowMs < retryAtMs) {
      return null;
    }
    unanswered = true;
    return open;
  }
}
