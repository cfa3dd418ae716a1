package io.highwater.replication.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.CommandResult.Rejected;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.AllocateProducerIds;
import io.highwater.replication.control.MetadataLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real quorums on loopback. */
@Timeout(60)
class RatisMetadataLogTest {
  /** Of all tests: what is closed may still write there when the next one begins. */
  @TempDir static Path root;

  private static final List<CompletableFuture<Void>> CLOSINGS = new ArrayList<>();

  private Path directory;
  private final SortedMap<Integer, RatisMetadataLog> members = new TreeMap<>();
  private final SortedMap<Integer, Endpoint> voters = new TreeMap<>();

  @BeforeEach
  void createDirectory() throws IOException {
    directory = Files.createTempDirectory(root, "test");
  }

  /** Each takes a second, for which the next test does not wait. */
  @AfterEach
  void beginToCloseAll() {
    members.values().forEach(member -> CLOSINGS.add(CompletableFuture.runAsync(member::close)));
  }

  @AfterAll
  static void closeAll() {
    CompletableFuture.allOf(CLOSINGS.toArray(CompletableFuture<?>[]::new)).join();
  }

  private void quorumOf(int count) throws IOException {
    List<ServerSocket> reserved = new ArrayList<>();
    for (int id = 1; id <= count; id++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      reserved.add(socket);
      voters.put(id, new Endpoint("127.0.0.1", socket.getLocalPort()));
    }
    for (ServerSocket socket : reserved) {
      socket.close();
    }
  }

  private RatisMetadataLog start(int id) throws IOException {
    return start(id, "cluster", 10_000);
  }

  private RatisMetadataLog start(int id, String clusterId, long snapshotEntries)
      throws IOException {
    RatisMetadataLog member =
        TestMember.open(
            new QuorumConfig(
                id,
                clusterId,
                directory.resolve(Integer.toString(id)),
                voters,
                "127.0.0.1",
                300,
                snapshotEntries,
                10_000));
    members.put(id, member);
    return member;
  }

  private void stop(Integer... ids) {
    CompletableFuture.allOf(
            Stream.of(ids)
                .map(id -> members.remove(id))
                .map(member -> CompletableFuture.runAsync(member::close))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  private static CommandResult submit(MetadataLog member, MetadataCommand command) {
    return member.submit(command).orTimeout(15, TimeUnit.SECONDS).join();
  }

  private static Accepted allocate(MetadataLog member, int brokerId, long brokerEpoch) {
    return submit(member, new AllocateProducerIds(brokerId, brokerEpoch, 10)).orThrow();
  }

  private int leader() {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                members.keySet().stream()
                    .filter(id -> members.get(id).controller().id() == id)
                    .findFirst()
                    .orElse(-1),
            id -> id > 0);
  }

  private void awaitEqualImages(long index) {
    await()
        .untilAsserted(
            () -> {
              assertThat(members.values())
                  .allSatisfy(m -> assertThat(m.image().index()).isGreaterThanOrEqualTo(index));
              assertThat(members.values().stream().map(MetadataLog::image).distinct()).hasSize(1);
            });
  }

  @Test
  void aSingleMemberLeadsAtOnceAndFormatsItsCluster() throws IOException {
    quorumOf(1);
    RatisMetadataLog member = start(1);
    long brokerEpoch = TestMember.register(member, 1).brokerEpoch();

    assertThat(member.controller().id()).isEqualTo(1);
    assertThat(member.image().clusterId()).isEqualTo("cluster");
    assertThat(member.image().broker(1).epoch()).isEqualTo(brokerEpoch);

    CommandResult stale = submit(member, new AllocateProducerIds(1, 999, 10));
    assertThat(stale)
        .isInstanceOfSatisfying(
            Rejected.class, r -> assertThat(r.error()).isEqualTo(ErrorCode.STALE_BROKER_EPOCH));
  }

  @Test
  void aRestartRecoversTheImageAndItsEpochsGoOn() throws IOException {
    quorumOf(1);
    RatisMetadataLog first = start(1);
    long brokerEpoch = TestMember.register(first, 1).brokerEpoch();
    stop(1);
    assertThat(first.submit(new AllocateProducerIds(1, 1, 1)))
        .failsWithin(Duration.ofSeconds(1))
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(HighwaterException.class);

    assertThatThrownBy(() -> start(1, "other", 10_000))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INCONSISTENT_CLUSTER_ID));

    RatisMetadataLog member = start(1);
    assertThat(allocate(member, 1, brokerEpoch).firstProducerId()).isZero();
    long second = TestMember.register(member, 2).brokerEpoch();
    assertThat(second).isGreaterThan(brokerEpoch);
    assertThat(member.image().broker(1).epoch()).isEqualTo(brokerEpoch);
  }

  @Test
  void threeMembersSeeTheSameImagesInOrderAndAnyOfThemSubmits() throws IOException {
    quorumOf(3);
    for (int id = 1; id <= 3; id++) {
      start(id);
    }
    List<Long> seen = new CopyOnWriteArrayList<>();
    members.get(3).follow(image -> seen.add(image.index()));
    long last = 0;
    for (int id = 1; id <= 3; id++) {
      last = TestMember.register(members.get(id), id).index();
    }

    awaitEqualImages(last);
    assertThat(seen).isSorted().doesNotHaveDuplicates();
    assertThat(seen.get(0)).isEqualTo(ClusterImage.EMPTY.index());
    int leader = leader();
    await()
        .untilAsserted(
            () -> assertThat(members.values()).allMatch(m -> m.controller().id() == leader));
  }

  @Test
  void whenTheLeaderGoesAnotherOneTakesOverAndSubmitsContinue() throws IOException {
    quorumOf(3);
    for (int id = 1; id <= 3; id++) {
      start(id);
    }
    int first = leader();
    long term = members.get(first).controller().term();
    int other = first % 3 + 1;
    long brokerEpoch = TestMember.register(members.get(other), other).brokerEpoch();
    stop(first);

    assertThat(allocate(members.get(other), other, brokerEpoch).firstProducerId()).isZero();
    int second = leader();
    assertThat(second).isNotEqualTo(first);
    assertThat(members.get(second).controller().term()).isGreaterThan(term);

    start(first);
    long index = allocate(members.get(first), other, brokerEpoch).index();
    awaitEqualImages(index);
  }

  @Test
  void aLeaderThatResignsIsFollowedAtOnceWithoutAnElectionTimeout() throws IOException {
    quorumOf(3);
    for (int id = 1; id <= 3; id++) {
      start(id);
    }
    int first = leader();
    TestMember.register(members.get(first), first);

    members.get(first).resign().orTimeout(15, TimeUnit.SECONDS).join();

    await().until(() -> members.get(first).controller().id() != first);
    int second = leader();
    assertThat(second).isNotEqualTo(first);
    members.get(first).resign().orTimeout(15, TimeUnit.SECONDS).join();
    assertThat(members.get(second).controller().id()).isEqualTo(second);
  }

  @Test
  void aMemberThatHearsNobodyKnowsNoControllerUntilOneIsBack() throws IOException {
    quorumOf(3);
    for (int id = 1; id <= 3; id++) {
      start(id);
    }
    int leader = leader();
    int lonely = leader % 3 + 1;
    int other = lonely % 3 + 1;
    MetadataLog cutOff = members.get(lonely);
    await().until(() -> cutOff.controller().id() == leader);
    stop(other, leader);

    // Whoever connects is not answered, as behind a cut cable.
    try (ServerSocket silent = silent(other);
        ServerSocket alsoSilent = silent(leader)) {
      await().until(() -> cutOff.controller().id() == MetadataLog.Controller.NONE);
      assertThat(silent.isClosed() || alsoSilent.isClosed()).isFalse();
    }
    start(other);
    await().until(() -> cutOff.controller().id() != MetadataLog.Controller.NONE);
  }

  private ServerSocket silent(int id) throws IOException {
    return new ServerSocket(voters.get(id).port(), 16, InetAddress.getLoopbackAddress());
  }

  @Test
  void aMinorityConfirmsNothing() throws IOException {
    quorumOf(3);
    RatisMetadataLog lonely =
        TestMember.open(
            new QuorumConfig(
                1, "cluster", directory.resolve("1"), voters, "127.0.0.1", 300, 10_000, 1_000));
    members.put(1, lonely);

    assertThatThrownBy(() -> submit(lonely, new AllocateProducerIds(1, 1, 1)))
        .hasCauseInstanceOf(HighwaterException.class)
        .satisfies(
            e ->
                assertThat(((HighwaterException) e.getCause()).code())
                    .isEqualTo(ErrorCode.REQUEST_TIMED_OUT));
    assertThat(lonely.controller().id()).isEqualTo(MetadataLog.Controller.NONE);
  }

  @Test
  void ofThoseWhoAnswerForTheQuorumTheOneCountsThatKnowsMost() throws IOException {
    quorumOf(2);
    Endpoint second = voters.remove(2);
    TestMember.register(start(1), 6);
    Endpoint first = voters.remove(1);
    voters.put(2, second);
    RatisMetadataLog ahead = start(2);
    TestMember.register(ahead, 7);
    TestMember.register(ahead, 8);
    voters.put(1, first);

    assertThat(brokersByRoute()).containsExactly(7, 8);
    stop(1);
    assertThat(brokersByRoute()).containsExactly(7, 8);
  }

  @Test
  void aMemberThatKnowsNothingYetDoesNotAnswerForTheQuorum() throws IOException {
    quorumOf(2);
    start(1);

    assertThatThrownBy(this::brokersByRoute)
        .hasCauseInstanceOf(HighwaterException.class)
        .satisfies(
            e ->
                assertThat(((HighwaterException) e.getCause()).code())
                    .isEqualTo(ErrorCode.BROKER_NOT_AVAILABLE));
  }

  private List<Integer> brokersByRoute() {
    try (RatisQuorumRoute route = new RatisQuorumRoute("cluster", voters, 1_000)) {
      return route.brokers().orTimeout(15, TimeUnit.SECONDS).join().stream()
          .map(BrokerRegistration::id)
          .toList();
    }
  }

  @Test
  void snapshotsBoundTheLogAndAMemberThatMissedItCatchesUp() throws IOException {
    quorumOf(3);
    for (int id = 1; id <= 3; id++) {
      start(id, "cluster", 200);
    }
    int leader = leader();
    long brokerEpoch = TestMember.register(members.get(leader), 1).brokerEpoch();
    int late = leader % 3 + 1;
    stop(late);
    RatisMetadataLog member = members.get(leader);
    List<CompletableFuture<CommandResult>> writes = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      writes.add(member.submit(new AllocateProducerIds(1, brokerEpoch, 10)));
    }
    writes.forEach(write -> write.orTimeout(30, TimeUnit.SECONDS).join().orThrow());
    assertThat(files(leader, "snapshot.*")).isNotEmpty();

    start(late, "cluster", 200);
    long index = allocate(members.get(late), 1, brokerEpoch).index();
    awaitEqualImages(index);
    assertThat(member.image().nextProducerId()).isEqualTo(10_010);
    stop(late);
    start(late, "cluster", 200);
    awaitEqualImages(index);
  }

  private List<Path> files(int id, String glob) throws IOException {
    Path own = directory.resolve(Integer.toString(id));
    try (Stream<Path> all = Files.walk(own)) {
      return all.filter(p -> p.getFileName().toString().matches(glob)).toList();
    }
  }

  @Test
  void aPortInUseIsAnErrorAndLeavesNothingBehind() throws IOException {
    quorumOf(1);
    int port = voters.get(1).port();
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(taken.isBound()).isTrue();
      assertThatThrownBy(() -> start(1)).isInstanceOf(Exception.class);
    }
    TestMember.register(start(1), 1);
  }

  @Test
  void votersAreParsedStrictly() {
    assertThat(QuorumConfig.parseVoters("1@a:1,2@[::1]:2"))
        .isEqualTo(Map.of(1, new Endpoint("a", 1), 2, new Endpoint("::1", 2)));
    for (String bad : List.of("", "1", "1@a", "a@b:1", "1@:1", "1@a:0", "1@a:1,1@b:2", "-1@a:1")) {
      assertThatThrownBy(() -> QuorumConfig.parseVoters(bad))
          .as(bad)
          .isInstanceOf(HighwaterException.class);
    }
  }
}
