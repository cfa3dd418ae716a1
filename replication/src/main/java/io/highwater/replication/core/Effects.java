package io.highwater.replication.core;

/** What a leader must do after an event. Reused: the caller clears it before each event. */
public final class Effects {
  private boolean highWatermarkAdvanced;
  private IsrProposal isrProposal;

  /** The high watermark rose: acknowledge, wake readers, tell followers. */
  public boolean highWatermarkAdvanced() {
    return highWatermarkAdvanced;
  }

  /** The in-sync set to propose to the control plane, or null. */
  public IsrProposal isrProposal() {
    return isrProposal;
  }

  /** Forgets what the last event asked for. */
  public Effects clear() {
    highWatermarkAdvanced = false;
    isrProposal = null;
    return this;
  }

  void advanceHighWatermark() {
    highWatermarkAdvanced = true;
  }

  void propose(IsrProposal proposal) {
    isrProposal = proposal;
  }
}
