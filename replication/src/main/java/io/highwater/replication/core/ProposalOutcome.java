package io.highwater.replication.core;

/** How a proposal to the control plane ended. */
public enum ProposalOutcome {
  /** Committed; the newer assignment shows it. */
  ACCEPTED,
  /** Applied and refused: it changed nothing. */
  REJECTED,
  /** No answer: it may or may not have been, or yet be, committed. */
  UNKNOWN
}
