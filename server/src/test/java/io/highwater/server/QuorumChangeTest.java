package io.highwater.server;

import static java.util.regex.Pattern.MULTILINE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.client.ControllerDescription;
import io.highwater.client.NewTopic;
import io.highwater.client.admin.Admin;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Controllers are added and removed while everything runs (CTL-4). */
@Timeout(240)
class QuorumChangeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String STANDBY = "controller.quorum.standby=true";
  private static final String TOPIC = "orders";
  private static final Pattern STANDS_BY = Pattern.compile(" stands by: ");
  // Without its last word it may be the refusal to add it twice.
  private static final Pattern SEATED =
      Pattern.compile(" is among the controllers .* now$", MULTILINE);

  @TempDir Path root;
  private BrokerProcesses brokers;
  private Admin admin;

  @AfterEach
  void close() {
    if (admin != null) {
      admin.close();
    }
    if (brokers != null) {
      brokers.close();
    }
  }

  @Test
  void deadControllersAreReplacedByOthersAndNothingIsLost() throws IOException {
    start();
    try (SteadyLoad load = SteadyLoad.start(brokers.bootstrap(), TOPIC, 4)) {
      load.awaitWritten(500);
      brokers.kill(3);
      awaitSilent(3);
      await()
          .atMost(PATIENCE)
          .until(() -> (brokers.log(1) + brokers.log(2)).contains("controller 3 does not answer"));
      refuses(() -> admin.addController(4, false), ErrorCode.INVALID_REQUEST);
      refuses(() -> admin.addController(2, false), ErrorCode.DUPLICATE_VOTER);
      refuses(() -> admin.addController(9, false), ErrorCode.BROKER_ID_NOT_REGISTERED);
      refuses(() -> admin.removeController(4, false), ErrorCode.VOTER_NOT_FOUND);
      refuses(() -> admin.removeController(2, false), ErrorCode.POLICY_VIOLATION);
      assertThat(nodes(admin.removeController(3, true))).containsExactly(1, 2);
      assertThat(nodes(admin.removeController(3, false))).containsExactly(1, 2);

      // The lost one comes back with an empty disk, the fourth with its own, both standing by.
      brokers.kill(4);
      deleteAll(brokers.directory(3));
      brokers.start(3, STANDBY).join();
      brokers.start(4, STANDBY).join();
      assertThat(nodes(addWhenLive(4))).containsExactly(1, 2, 4);
      assertThat(nodes(addWhenLive(3))).containsExactly(1, 2, 3, 4);
      awaitSaid(3, SEATED, 1);
      assertThat(nodes(admin.removeController(3, false))).containsExactly(1, 2, 4);

      brokers.kill(1);
      awaitController(1);
      load.awaitWritten(500);
      admin.createTopic(new NewTopic("after", 1, 2, Map.of()));
      brokers.start(1).join();
      load.awaitWritten(500);

      // Both originals but one die one after the other: the fourth leads on with what is left.
      brokers.kill(2);
      awaitController(2);
      admin.createTopic(new NewTopic("later", 1, 2, Map.of()));
      brokers.start(2).join();
      // Without a word of it in its properties: the quorum's log counts.
      brokers.kill(4);
      brokers.start(4).join();
      awaitSilentNobody(1, 2, 4);
      load.finish();
      load.assertNothingLostOrDoubled();
    }
    assertThat(brokers.log(4)).contains("the log counts");
    assertThat(brokers.log(3)).contains("node 3 was removed from the controllers");
  }

  @Test
  void aControllerRemovedWhileItLivesOrSleepsObservesFromThenOn() throws IOException {
    start();
    int leader = admin.describeCluster().controllerId();
    assertThat(nodes(admin.removeController(leader, false))).hasSize(2).doesNotContain(leader);
    // Before that the removal may not be on its disk yet.
    awaitSaid(leader, STANDS_BY, 1);
    assertThat(brokers.log(leader)).contains("it observes");
    admin.createTopic(new NewTopic("seen", 1, 2, Map.of()));
    await().atMost(PATIENCE).until(() -> knows(leader, "seen"));

    brokers.kill(leader);
    brokers.start(leader).join();
    assertThat(brokers.log(leader)).contains("counts as removed");
    assertThat(knows(leader, "seen")).isTrue();

    // After a restart as before it, what the dry run says is true.
    assertThat(nodes(addWhenLive(leader))).contains(leader);
    // Whoever is removed before it knew that it was added has nothing to leave.
    awaitSaid(leader, SEATED, 1);
    assertThat(nodes(admin.removeController(leader, false))).doesNotContain(leader);
    awaitSaid(leader, STANDS_BY, 2);
  }

  @Test
  void aRemovedControllerIsAddedAgainWithoutARestartAndCountsAsBefore() throws IOException {
    start();
    int node = admin.describeCluster().controllerId();
    List<Integer> others = IntStream.of(1, 2, 3).filter(id -> id != node).boxed().toList();
    try (SteadyLoad load = SteadyLoad.start(brokers.bootstrap(), TOPIC, 4)) {
      for (int round = 1; round <= 2; round++) {
        assertThat(nodes(admin.removeController(node, false))).isEqualTo(others);
        // Whoever is added again before it knew has never been away.
        awaitSaid(node, STANDS_BY, round);
        admin.createTopic(new NewTopic("without-" + round, 1, 2, Map.of()));
        assertThat(nodes(addWhenLive(node))).containsExactly(1, 2, 3);
        awaitSaid(node, SEATED, round);
        admin.createTopic(new NewTopic("with-" + round, 1, 2, Map.of()));
      }

      // One of two others is dead: without the vote of the one added again nothing would go on.
      brokers.kill(others.get(0));
      admin.createTopic(new NewTopic("by-two", 1, 2, Map.of()));
      brokers.start(others.get(0)).join();
      awaitSilentNobody(1, 2, 3);

      leadsOnce(node);
      brokers.kill(node);
      brokers.start(node).join();
      awaitSilentNobody(1, 2, 3);
      load.finish();
      load.assertNothingLostOrDoubled();
    }
    assertThat(brokers.log(node)).doesNotContain("counts as removed");
    await().atMost(PATIENCE).until(() -> knows(node, "without-1") && knows(node, "by-two"));
  }

  /** Who stops hands over to the first member that can; this one was added last. */
  private void leadsOnce(int node) {
    int leader = admin.describeCluster().controllerId();
    if (leader == node) {
      return;
    }
    int third = IntStream.of(1, 2, 3).filter(id -> id != leader && id != node).sum();
    brokers.stop(third);
    brokers.stop(leader);
    brokers.start(third).join();
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> admin.describeCluster().controllerId() == node);
    brokers.start(leader).join();
  }

  /** Until a broker said so as often, those of its earlier processes counted in. */
  private void awaitSaid(int node, Pattern words, int times) {
    await()
        .atMost(PATIENCE)
        .until(() -> words.matcher(brokers.log(node)).results().count() == times);
  }

  private boolean knows(int node, String topic) {
    try (Admin at = Admin.builder().bootstrap(brokers.bootstrap(node)).build()) {
      return at.listTopics().contains(topic);
    }
  }

  private void start() throws IOException {
    brokers = new BrokerProcesses(root, 4, 3);
    brokers.startAll();
    admin = brokers.admin();
    await()
        .atMost(PATIENCE)
        .until(
            () -> admin.describeCluster().brokers().stream().filter(b -> !b.fenced()).count() == 4);
    admin.createTopic(new NewTopic(TOPIC, 4, 3, Map.of("min.insync.replicas", "2")));
  }

  private List<ControllerDescription> addWhenLive(int node) {
    return await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(
            e ->
                e instanceof HighwaterException named
                    && named.code() == ErrorCode.BROKER_ID_NOT_REGISTERED)
        .until(() -> admin.addController(node, false), voters -> !voters.isEmpty());
  }

  /** Until a controller leads that would let the dead one go. */
  private void awaitController(int dead) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> !admin.removeController(dead, true).isEmpty());
  }

  /** Until the active controller takes it for dead, and knows that the others live. */
  private void awaitSilent(int node) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                admin.removeController(node, true).stream().allMatch(ControllerDescription::live)
                    && !refusedOf(1).isEmpty()
                    && !refusedOf(2).isEmpty());
  }

  private String refusedOf(int node) {
    try {
      admin.removeController(node, true);
      return "";
    } catch (HighwaterException e) {
      return e.getMessage();
    }
  }

  private void awaitSilentNobody(int... members) {
    for (int member : members) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () ->
                  admin.removeController(member, true).stream()
                      .allMatch(ControllerDescription::live));
    }
  }

  private static void refuses(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HighwaterException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static List<Integer> nodes(List<ControllerDescription> controllers) {
    return controllers.stream().map(ControllerDescription::nodeId).toList();
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
