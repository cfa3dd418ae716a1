package io.highwater.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A leader under random events, against the rules written down once more as plainly as can be. */
class LeaderStatePropertyTest {
  private static final List<Integer> REPLICAS = List.of(1, 2, 3);
  private static final long SILENCE_MS = 40;
  private static final List<ProposalOutcome> OUTCOMES = List.of(ProposalOutcome.values());

  @Property(tries = 300)
  void highWatermarkRisesOnlyToWhatEveryoneHoldsWhoIsOrMayBeInSync(@ForAll long seed) {
    Random random = new Random(seed);
    int minIsr = 1 + random.nextInt(3);
    List<Integer> isr = List.of(1, 2, 3);
    int version = 0;
    long end = 0;
    long nowMs = 0;
    Effects out = new Effects();
    long[] heardMs = new long[4];
    LeaderState leader =
        new LeaderState(
            1,
            1,
            new PartitionAssignment(REPLICAS, isr, 1, 0, version, minIsr),
            end,
            0,
            new LeaderState.Patience(50, SILENCE_MS, 10),
            broker -> heardMs[broker],
            HighWatermark.Quorum.MAXIMAL_ISR,
            nowMs);
    long[] held = {0, 0, -1, -1};
    IsrProposal open = null;
    long highWatermark = 0;
    for (int step = 0; step < 200; step++) {
      nowMs += random.nextInt(20);
      out.clear();
      int follower = 2 + random.nextInt(2);
      if (random.nextBoolean()) {
        heardMs[follower] = nowMs;
      }
      switch (random.nextInt(6)) {
        case 0 -> leader.appended(end += 1 + random.nextInt(5), nowMs, out);
        case 1 -> {
          held[follower] = random.nextLong(end + 1);
          leader.followed(follower, 1, held[follower], 0, nowMs, out);
        }
        case 2 -> {
          if (held[follower] >= 0) {
            held[follower] += random.nextLong(end - held[follower] + 1);
            leader.acked(follower, held[follower], 0, nowMs, out);
          }
        }
        case 3 -> leader.tick(nowMs, out);
        case 4 -> {
          if (open != null) {
            ProposalOutcome outcome = OUTCOMES.get(random.nextInt(3));
            if (outcome == ProposalOutcome.ACCEPTED) {
              isr = members(open);
              leader.committed(
                  new PartitionAssignment(REPLICAS, isr, 1, 0, ++version, minIsr), nowMs, out);
              open = null;
            } else {
              leader.outcome(open, outcome, nowMs, out);
            }
          }
        }
        default -> {
          isr = new ArrayList<>(isr);
          isr.removeIf(member -> member == follower);
          leader.committed(
              new PartitionAssignment(REPLICAS, isr, 1, 0, ++version, minIsr), nowMs, out);
          open = null;
        }
      }
      if (out.isrProposal() != null) {
        boolean again = out.isrProposal().equals(open);
        open = out.isrProposal();
        assertThat(open.partitionEpoch()).isEqualTo(version);
        if (!again && !members(open).equals(isr)) {
          assertOnlyWhoIsHeardIsProposed(open, heardMs, nowMs);
        }
      }
      held[1] = end;
      assertThat(leader.inSync().maximal()).as("ISR-5").containsAll(isr);
      assertThat(leader.highWatermark()).as("REP-4").isGreaterThanOrEqualTo(highWatermark);
      if (leader.highWatermark() > highWatermark) {
        assertThat(isr.size()).as("REP-3").isGreaterThanOrEqualTo(minIsr);
        for (int member : leader.inSync().maximal()) {
          assertThat(held[member]).as("REP-3").isGreaterThanOrEqualTo(leader.highWatermark());
        }
        highWatermark = leader.highWatermark();
      }
    }
  }

  private static List<Integer> members(IsrProposal proposal) {
    return proposal.isr().stream().map(IsrProposal.Member::brokerId).toList();
  }

  private static void assertOnlyWhoIsHeardIsProposed(
      IsrProposal proposal, long[] heardMs, long nowMs) {
    assertThat(members(proposal)).contains(1);
    for (int follower = 2; follower <= 3; follower++) {
      boolean silent = heardMs[follower] <= nowMs - SILENCE_MS;
      assertThat(silent && members(proposal).contains(follower)).isFalse();
      assertThat(!silent && proposal.silent().contains(follower)).isFalse();
    }
  }
}
