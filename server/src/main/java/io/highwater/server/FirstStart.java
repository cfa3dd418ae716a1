package io.highwater.server;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.QuorumFormation;
import io.highwater.replication.ratis.FirstContact;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A controller's first start: it waits, for as long as it takes, until all others have answered and
 * none of them knows it with another directory (CTL-4).
 */
final class FirstStart {
  private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);
  private static final long RETRY_MS = 100;

  private final QuorumFormation formation;
  private final FirstContact contact;
  private final OwnerLoop loop;
  private final Path root;
  private final CompletableFuture<Void> agreed = new CompletableFuture<>();
  private long confirmedIndex = -1;
  private String waitsFor = "";

  private FirstStart(QuorumFormation formation, FirstContact contact, OwnerLoop loop, Path root) {
    this.formation = formation;
    this.contact = contact;
    this.loop = loop;
    this.root = root;
  }

  /**
   * Begins to ask.
   *
   * @param loop for what is decided, and for pauses
   * @param root of the metadata, for the operator
   * @return completes once it may become a member; fails with KAFKA_STORAGE_ERROR when it must not.
   *     Who completes it before ends the asking
   */
  static CompletableFuture<Void> agreed(
      QuorumFormation formation, FirstContact contact, OwnerLoop loop, Path root) {
    FirstStart start = new FirstStart(formation, contact, loop, root);
    start.ask();
    return start.agreed;
  }

  private void ask() {
    if (agreed.isDone()) {
      return;
    }
    var unused = contact.ask().thenAccept(answers -> loop.execute(() -> judge(answers)));
  }

  private void judge(Map<Integer, QuorumFormation.Answer> answers) {
    QuorumFormation.Verdict verdict = formation.judge(answers, confirmedIndex);
    if (verdict instanceof QuorumFormation.Form) {
      agreed.complete(null);
    } else if (verdict instanceof QuorumFormation.Refuse refusal) {
      agreed.completeExceptionally(replaced(refusal));
    } else if (verdict instanceof QuorumFormation.Wait wait) {
      waitFor("controllers " + text(wait.silent()) + " to form the quorum");
      loop.schedule(RETRY_MS, this::ask);
    } else {
      waitFor("a quorum of controllers " + text(formation.others()) + ", which had begun before");
      confirm();
    }
  }

  private void confirm() {
    var unused =
        contact
            .confirm()
            .handle(
                (result, failure) -> {
                  loop.execute(() -> confirmed(result, failure));
                  return null;
                });
  }

  private void confirmed(CommandResult result, Throwable failure) {
    if (failure == null) {
      try {
        confirmedIndex = result.orThrow().index();
      } catch (HighwaterException e) {
        agreed.completeExceptionally(e);
      }
    }
    loop.schedule(RETRY_MS, this::ask);
  }

  private void waitFor(String whom) {
    if (!whom.equals(waitsFor)) {
      waitsFor = whom;
      LOG.info("waiting for {}", whom);
    }
  }

  private static String text(SortedSet<Integer> nodes) {
    return nodes.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private HighwaterException replaced(QuorumFormation.Refuse refusal) {
    return new HighwaterException(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "CTL-4: controller "
            + formation.nodeId()
            + " was a member of the quorum with data directory "
            + refusal.known()
            + ", this is a new one. Start it with the old one; or, if that is lost and the"
            + " other controllers are up, 'highwater storage format --data "
            + root
            + " --accept-metadata-loss' lets it begin anew");
  }
}
