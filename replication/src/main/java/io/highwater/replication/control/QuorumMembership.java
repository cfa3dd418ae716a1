package io.highwater.replication.control;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Who is in the metadata quorum, and how that changes: one member at a time, by the quorum's leader
 * alone. What it decided is in the quorum's own log, so it outlives restarts of everybody. Safe for
 * use by any thread; futures complete on any.
 *
 * <p>All fail with a {@code HighwaterException}: NOT_CONTROLLER where the quorum's leader is not;
 * POLICY_VIOLATION when a majority of the members-to-be would not be live;
 * QUORUM_CHANGE_IN_PROGRESS; REQUEST_TIMED_OUT when it is unknown whether it was done.
 */
public interface QuorumMembership {
  /** The members as the quorum's leader knows them, by node id. */
  CompletableFuture<List<QuorumVoter>> voters();

  /**
   * Adds a member once it has caught up.
   *
   * @param endpoint where its part of the quorum listens
   * @param dryRun checks and changes nothing
   * @return the members as they are then; fails with DUPLICATE_VOTER when it is one
   */
  CompletableFuture<List<QuorumVoter>> add(int nodeId, Endpoint endpoint, boolean dryRun);

  /**
   * Removes a member, dead or alive. A leader that is to go itself hands over first and fails with
   * NOT_CONTROLLER, so that the next one is asked.
   *
   * @param dryRun checks and changes nothing
   * @return the members as they are then; fails with VOTER_NOT_FOUND when it is none
   */
  CompletableFuture<List<QuorumVoter>> remove(int nodeId, boolean dryRun);
}
