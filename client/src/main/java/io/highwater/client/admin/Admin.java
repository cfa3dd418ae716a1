package io.highwater.client.admin;

import io.highwater.client.AdminCalls;
import io.highwater.client.BrokerChannel;
import io.highwater.client.ClientRuntime;
import io.highwater.client.ClusterDescription;
import io.highwater.client.ClusterRouter;
import io.highwater.client.ConnectionConfig;
import io.highwater.client.ControllerDescription;
import io.highwater.client.DeletedRecords;
import io.highwater.client.DrainProgress;
import io.highwater.client.FeatureUpdate;
import io.highwater.client.LeaderCall;
import io.highwater.client.LoopCall;
import io.highwater.client.NewTopic;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetLookup;
import io.highwater.client.OffsetSpec;
import io.highwater.client.PartitionOutcome;
import io.highwater.client.QuorumChange;
import io.highwater.client.QuorumDescription;
import io.highwater.client.RecordDeletion;
import io.highwater.client.ReplicaLag;
import io.highwater.client.ReplicaMove;
import io.highwater.client.TopicAlteration;
import io.highwater.client.TopicDescription;
import io.highwater.client.TopicListing;
import io.highwater.client.VerifiedRange;
import io.highwater.client.grpc.GrpcClientRuntime;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;

/**
 * Looks at a cluster and changes its topics. Calls block at most the API timeout, try brokers in
 * turn, and throw {@link io.highwater.proto.HighwaterException}: BROKER_NOT_AVAILABLE when no
 * address answers in time. Its {@link io.highwater.proto.HighwaterException#outcome()} says whether
 * a change that failed may have been made. Safe for any number of threads.
 */
public final class Admin implements AutoCloseable {
  private final ConnectionConfig config;
  private final ClientRuntime runtime;
  private final ClusterRouter router;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Admin(ConnectionConfig config, ClientRuntime runtime) {
    this.config = config;
    this.runtime = runtime;
    this.router = new ClusterRouter(runtime, config);
  }

  /** Settings to build one from. */
  public static AdminBuilder builder() {
    return new AdminBuilder();
  }

  static Admin open(ConnectionConfig config) {
    return open(config, GrpcClientRuntime.open("highwater-admin"));
  }

  /**
   * An admin client on another runtime than gRPC's.
   *
   * @param runtime closed with the client
   */
  public static Admin open(ConnectionConfig config, ClientRuntime runtime) {
    return new Admin(config, runtime);
  }

  /** The brokers, the controller and the cluster's id. */
  public ClusterDescription describeCluster() {
    return look("description of the cluster", BrokerChannel::describeCluster);
  }

  /** The names of all topics, sorted. */
  public List<String> listTopics() {
    return describeTopics(List.of()).topics().stream()
        .map(TopicDescription::name)
        .sorted()
        .toList();
  }

  /**
   * Topics by name, with the brokers.
   *
   * @param names none for all topics
   * @return names that do not exist are in {@link TopicListing#unknownTopics()}
   */
  public TopicListing describeTopics(Collection<String> names) {
    return look(
        "description of topics", (broker, timeoutMs) -> broker.describeTopics(names, timeoutMs));
  }

  /**
   * One topic.
   *
   * @throws io.highwater.proto.HighwaterException UNKNOWN_TOPIC_OR_PARTITION when there is none
   */
  public TopicDescription describeTopic(String name) {
    TopicListing listing = describeTopics(List.of(name));
    if (listing.topics().isEmpty()) {
      throw new HighwaterException(
          ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic '" + name + "'");
    }
    return listing.topics().get(0);
  }

  /**
   * Creates a topic.
   *
   * @return the topic; the partitions' leaders may still be elected
   * @throws io.highwater.proto.HighwaterException TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION,
   *     INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR or INVALID_CONFIG
   */
  public TopicDescription createTopic(NewTopic topic) {
    return ask(
        "creation of topic '" + topic.name() + "'",
        false,
        (broker, timeoutMs) -> broker.createTopic(topic, timeoutMs));
  }

  /**
   * Changes a topic's settings, on all its replicas and without a restart.
   *
   * @return the topic with its new settings
   * @throws io.highwater.proto.HighwaterException INVALID_CONFIG naming the setting, also when it
   *     cannot change while the topic lives; UNKNOWN_TOPIC_OR_PARTITION
   */
  public TopicDescription alterTopic(TopicAlteration alteration) {
    return alterTopic(alteration, false);
  }

  /**
   * The same.
   *
   * @param dryRun only checks, and says what the topic's settings would be
   */
  public TopicDescription alterTopic(TopicAlteration alteration, boolean dryRun) {
    return ask(
        "change of topic '" + alteration.name() + "'",
        dryRun,
        (broker, timeoutMs) -> broker.alterTopic(alteration, dryRun, timeoutMs));
  }

  /**
   * Gives a topic more partitions; producers and consumers find them with their next look at the
   * topic. Records of a key may go to another partition than before.
   *
   * @param partitions how many it has then, more than before
   * @param dryRun only says where they would go
   * @return the topic with its new partitions
   * @throws io.highwater.proto.HighwaterException INVALID_PARTITIONS, UNKNOWN_TOPIC_OR_PARTITION
   */
  public TopicDescription addPartitions(String name, int partitions, boolean dryRun) {
    return ask(
        "partitions of topic '" + name + "'",
        false,
        (broker, timeoutMs) -> broker.addPartitions(name, partitions, dryRun, timeoutMs));
  }

  /**
   * Makes preferred leaders lead: each partition's first replica, if it is in sync.
   *
   * @param partitions none for all that another replica leads
   * @return what became of each: NONE, ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE or
   *     UNKNOWN_TOPIC_OR_PARTITION
   */
  public List<PartitionOutcome> electPreferredLeaders(List<TopicPartition> partitions) {
    return ask(
        "election of leaders",
        false,
        (broker, timeoutMs) -> broker.electLeaders(false, partitions, timeoutMs));
  }

  /**
   * Has partitions led that nobody can lead without losing records: by the longest log that is
   * there. What may be lost is remembered and told to readers.
   *
   * @param partitions none for all that have no leader
   * @return what became of each: NONE, ELECTION_NOT_NEEDED, ELIGIBLE_LEADERS_NOT_AVAILABLE or
   *     UNKNOWN_TOPIC_OR_PARTITION
   */
  public List<PartitionOutcome> electUncleanLeaders(List<TopicPartition> partitions) {
    return ask(
        "unclean election of leaders",
        false,
        (broker, timeoutMs) -> broker.electLeaders(true, partitions, timeoutMs));
  }

  /**
   * Writes down that an operator knows of the losses on record: they are open no more. They stay on
   * record, and readers are judged by them as before.
   *
   * @param partitions none for all that have an open loss
   * @param dryRun only says what would become of it
   * @return what became of each: NONE or UNKNOWN_TOPIC_OR_PARTITION
   */
  public List<PartitionOutcome> acknowledgeLosses(List<TopicPartition> partitions, boolean dryRun) {
    return ask(
        "acknowledgement of losses",
        dryRun,
        (broker, timeoutMs) -> broker.acknowledgeLosses(partitions, dryRun, timeoutMs));
  }

  /**
   * Moves partitions to other replicas (KIP-455): those that are added catch up first, then all
   * change at once. It goes on over restarts of anybody; {@link #describeReplicas} says how far it
   * is. Asked again with other replicas, it turns.
   *
   * @param cancel calls off what is under way for these partitions instead
   * @param dryRun only says what would become of it
   * @return what became of each, in order: NONE, INVALID_REPLICA_ASSIGNMENT,
   *     NO_REASSIGNMENT_IN_PROGRESS or UNKNOWN_TOPIC_OR_PARTITION
   */
  public List<PartitionOutcome> reassign(List<ReplicaMove> moves, boolean cancel, boolean dryRun) {
    return ask(
        "reassignment of replicas",
        false,
        (broker, timeoutMs) -> broker.reassign(moves, cancel, dryRun, timeoutMs));
  }

  /**
   * How far a partition's replicas are, asked of its leader.
   *
   * @throws io.highwater.proto.HighwaterException UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE
   */
  public List<ReplicaLag> describeReplicas(TopicPartition partition) {
    LeaderCall.Question<List<ReplicaLag>> question =
        (leader, leaderEpoch, timeoutMs) ->
            leader.admin().describeReplicas(partition, leaderEpoch, timeoutMs);
    return LoopCall.await(
        runtime.loop(),
        config.apiTimeoutMs(),
        "replicas of " + partition,
        () -> new LeaderCall<>(router, partition, question, config.apiTimeoutMs()).start());
  }

  /**
   * Compares what a partition's replicas hold in a range of offsets, at its leader. To be repeated
   * from where the last one ended until {@link VerifiedRange#isLast}.
   *
   * @param fromOffset where to begin; below the log start for its beginning
   * @param repair whether replicas that differ from the leader are fetched again where no majority
   *     tells who is wrong; what they held is kept on their disks
   * @throws io.highwater.proto.HighwaterException UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE,
   *     KAFKA_STORAGE_ERROR when the leader's own log does not read
   */
  public VerifiedRange verifyReplicas(TopicPartition partition, long fromOffset, boolean repair) {
    LeaderCall.Question<VerifiedRange> question =
        (leader, leaderEpoch, timeoutMs) ->
            leader.admin().verifyReplicas(partition, leaderEpoch, fromOffset, repair, timeoutMs);
    return LoopCall.await(
        runtime.loop(),
        config.apiTimeoutMs(),
        "comparison of the replicas of " + partition,
        () -> new LeaderCall<>(router, partition, question, config.apiTimeoutMs()).start());
  }

  /**
   * Moves leaderships, then replicas off a broker, which is given none from now on. Asked again, it
   * moves what is there still.
   *
   * @param dryRun only says what would move
   * @throws io.highwater.proto.HighwaterException BROKER_ID_NOT_REGISTERED when there is no such
   *     broker
   */
  public DrainProgress drainBroker(int nodeId, boolean dryRun) {
    return ask(
        "draining of broker " + nodeId,
        false,
        (broker, timeoutMs) -> broker.drainBroker(nodeId, false, dryRun, timeoutMs));
  }

  /** Lets a broker have replicas and leaderships again; what moved away stays where it is. */
  public DrainProgress undoDrain(int nodeId) {
    return ask(
        "end of draining of broker " + nodeId,
        false,
        (broker, timeoutMs) -> broker.drainBroker(nodeId, true, false, timeoutMs));
  }

  /**
   * Has the cluster forget a broker that is gone for good: stopped, without replicas and no
   * controller. One that starts again all the same registers as a new one.
   *
   * @throws io.highwater.proto.HighwaterException BROKER_ID_NOT_REGISTERED; POLICY_VIOLATION when
   *     it is alive, has replicas or is a controller
   */
  public void unregisterBroker(int nodeId) {
    askController(
        "removal of broker " + nodeId,
        (broker, timeoutMs) -> broker.unregisterBroker(nodeId, timeoutMs));
  }

  /**
   * Brings levels of features in force, after an upgrade of all brokers. There is no way back, and
   * older software cannot join from then on.
   *
   * @param levels by feature; none: the highest that all brokers speak
   * @param dryRun only says what would change
   * @return those whose level changes
   * @throws io.highwater.proto.HighwaterException FEATURE_UPDATE_FAILED when not all brokers are up
   *     and speak them, or a level would go back
   */
  public List<FeatureUpdate> updateFeatures(Map<String, Integer> levels, boolean dryRun) {
    return ask(
        "update of features",
        false,
        (broker, timeoutMs) -> broker.updateFeatures(levels, dryRun, timeoutMs));
  }

  /**
   * Evens out how many replicas and leaders brokers have, with few moves.
   *
   * @param dryRun only says what would move
   */
  public List<ReplicaMove> rebalance(boolean dryRun) {
    return ask("rebalancing", false, (broker, timeoutMs) -> broker.rebalance(dryRun, timeoutMs));
  }

  /**
   * Deletes a topic and all its records.
   *
   * @return its id
   * @throws io.highwater.proto.HighwaterException UNKNOWN_TOPIC_OR_PARTITION when there is none
   */
  public UUID deleteTopic(String name) {
    return ask(
        "deletion of topic '" + name + "'",
        false,
        (broker, timeoutMs) -> broker.deleteTopic(name, timeoutMs));
  }

  /**
   * Offsets of partitions, asked of their leaders.
   *
   * @param queries which offset of which partition
   * @return an answer for each
   */
  public Map<TopicPartition, OffsetListing> listOffsets(Map<TopicPartition, OffsetSpec> queries) {
    return LoopCall.await(
        runtime.loop(),
        config.apiTimeoutMs(),
        "offsets of " + queries.keySet(),
        () -> OffsetLookup.all(router, queries, config.apiTimeoutMs()));
  }

  /**
   * Deletes a partition's oldest records for good, at its leader; its replicas follow. Repeating it
   * does no harm.
   *
   * @param beforeOffset the first offset that stays, at most the high watermark; {@link
   *     RecordDeletion#ALL_COMMITTED} deletes all that is committed
   * @param dryRun only says what would go
   * @throws io.highwater.proto.HighwaterException OFFSET_OUT_OF_RANGE above the high watermark;
   *     POLICY_VIOLATION for a topic that is compacted only; UNKNOWN_TOPIC_OR_PARTITION
   */
  public DeletedRecords deleteRecords(TopicPartition partition, long beforeOffset, boolean dryRun) {
    LeaderCall.Question<DeletedRecords> question =
        (leader, leaderEpoch, timeoutMs) ->
            leader
                .admin()
                .deleteRecords(
                    new RecordDeletion(partition, leaderEpoch, beforeOffset, dryRun), timeoutMs);
    return LoopCall.await(
        runtime.loop(),
        config.apiTimeoutMs(),
        "deletion of records of " + partition,
        () -> new LeaderCall<>(router, partition, question, config.apiTimeoutMs()).start());
  }

  /**
   * The metadata quorum as its leader knows it; asked for as long as one request may take.
   *
   * @throws io.highwater.proto.HighwaterException NOT_CONTROLLER while nobody leads it
   */
  public QuorumDescription describeQuorum() {
    followBrokers();
    return LoopCall.await(
        runtime.loop(),
        config.requestTimeoutMs(),
        "the quorum",
        () ->
            router.askAny(
                (broker, timeoutMs) -> broker.admin().describeQuorum(timeoutMs),
                true,
                config.requestTimeoutMs()));
  }

  /**
   * Adds a broker to the metadata quorum, once it has caught up. It must stand by for that ({@code
   * controller.quorum.standby}).
   *
   * @param dryRun only checks
   * @return the controllers then
   * @throws io.highwater.proto.HighwaterException DUPLICATE_VOTER, BROKER_ID_NOT_REGISTERED,
   *     INVALID_REQUEST when it does not stand by, POLICY_VIOLATION when no majority would be live,
   *     QUORUM_CHANGE_IN_PROGRESS
   */
  public List<ControllerDescription> addController(int nodeId, boolean dryRun) {
    return changeQuorum(new QuorumChange(nodeId, true, dryRun));
  }

  /**
   * Removes a broker, dead or alive, from the metadata quorum; a live one observes from then on.
   *
   * @param dryRun only checks
   * @return the controllers then
   * @throws io.highwater.proto.HighwaterException VOTER_NOT_FOUND, POLICY_VIOLATION when no
   *     majority would be live, QUORUM_CHANGE_IN_PROGRESS
   */
  public List<ControllerDescription> removeController(int nodeId, boolean dryRun) {
    return changeQuorum(new QuorumChange(nodeId, false, dryRun));
  }

  private List<ControllerDescription> changeQuorum(QuorumChange change) {
    return askController(
        "change of the quorum by node " + change.nodeId(),
        (broker, timeoutMs) -> broker.changeQuorum(change, timeoutMs));
  }

  private <T> T askController(
      String what, BiFunction<AdminCalls, Long, CompletableFuture<T>> question) {
    followBrokers();
    return ask(what, false, question);
  }

  /** One after the other is asked, until it is the active controller's turn. */
  private void followBrokers() {
    ClusterDescription cluster = describeCluster();
    runtime.loop().execute(() -> router.view().apply(cluster));
  }

  /** Lets go of the connections. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      runtime.closeAfter(router::close);
    }
  }

  private <T> T ask(
      String what,
      boolean repeatable,
      BiFunction<AdminCalls, Long, CompletableFuture<T>> question) {
    return askAny(
        what, repeatable, (broker, timeoutMs) -> question.apply(broker.admin(), timeoutMs));
  }

  private <T> T look(String what, BiFunction<BrokerChannel, Long, CompletableFuture<T>> question) {
    return askAny(what, true, question);
  }

  private <T> T askAny(
      String what,
      boolean repeatable,
      BiFunction<BrokerChannel, Long, CompletableFuture<T>> question) {
    return LoopCall.await(
        runtime.loop(),
        config.apiTimeoutMs(),
        what,
        () -> router.askAny(question, repeatable, config.apiTimeoutMs()));
  }
}
