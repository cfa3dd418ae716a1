package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Invariant;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.CommandResult.Rejected;
import io.highwater.replication.control.MetadataCommand.AcknowledgeLosses;
import io.highwater.replication.control.MetadataCommand.AddPartitions;
import io.highwater.replication.control.MetadataCommand.AllocateProducerIds;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.AlterTopicConfigs;
import io.highwater.replication.control.MetadataCommand.ConfirmRemoval;
import io.highwater.replication.control.MetadataCommand.ConfirmReplicaRemoval;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.DeleteTopic;
import io.highwater.replication.control.MetadataCommand.DrainBroker;
import io.highwater.replication.control.MetadataCommand.ElectLeaders;
import io.highwater.replication.control.MetadataCommand.ElectLongest;
import io.highwater.replication.control.MetadataCommand.ElectUnclean;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataCommand.ReportLogEnds;
import io.highwater.replication.control.MetadataCommand.ReportMissing;
import io.highwater.replication.control.MetadataCommand.SignOfLife;
import io.highwater.replication.control.MetadataCommand.StopBroker;
import io.highwater.replication.control.MetadataCommand.Unknown;
import io.highwater.replication.control.MetadataCommand.UnregisterBroker;
import io.highwater.replication.control.MetadataCommand.UpdateFeatures;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Folds the metadata log into images: the one place where commands are accepted or rejected
 * (CTL-1). Depends on nothing but the commands and their indexes, so every member that applied the
 * same ones has an equal image. Not thread-safe: one thread applies.
 */
public final class ClusterState {
  /** Most producer ids that one command may take. */
  public static final int MAX_PRODUCER_ID_BLOCK = 1_000_000;

  private final SortedMap<String, LevelRange> supported;
  private ClusterImage image;

  /**
   * Starts from an image: {@link ClusterImage#EMPTY}, or one out of a snapshot.
   *
   * @throws HighwaterException UNSUPPORTED_VERSION when it is of newer software
   */
  public ClusterState(ClusterImage image) {
    this(image, Feature.allSupported());
  }

  /** As a member would that speaks these levels only. */
  public ClusterState(ClusterImage image, SortedMap<String, LevelRange> supported) {
    this.supported = supported;
    this.image = image;
    requireSupported();
  }

  /** The image after the last command applied. */
  public ClusterImage image() {
    return image;
  }

  /**
   * Applies the command at the next index.
   *
   * @param index its position in the log, greater than that of every command before
   * @throws HighwaterException UNSUPPORTED_VERSION when a level is in force from here on that this
   *     build does not speak: it must not go on
   */
  public CommandResult apply(long index, MetadataCommand command) {
    Invariant.check(index > image.index(), "CTL-2: metadata goes forward", index, image.index());
    Entry entry = new Entry(index, image);
    CommandResult result =
        image.clusterId().isEmpty() && command.kind() != MetadataCommand.Kind.FORMAT_CLUSTER
            ? entry.rejected(ErrorCode.INVALID_REQUEST, "the cluster is not formatted yet")
            : apply(entry, command);
    image = (result instanceof Rejected ? image.edit() : entry.edit()).at(index);
    requireSupported();
    return result;
  }

  private void requireSupported() {
    image
        .levels()
        .forEach(
            (key, level) -> {
              LevelRange range = supported.get(key);
              if (range == null || !range.contains(level)) {
                throw new HighwaterException(
                    ErrorCode.UNSUPPORTED_VERSION,
                    "the cluster is at level "
                        + level
                        + " of "
                        + key
                        + ", and this software speaks "
                        + (range == null ? "none" : range.toString())
                        + ": it needs a newer one");
              }
            });
  }

  /**
   * Why a command may not be submitted as long as the levels are in force that an image shows;
   * empty when it may. It would be rejected when applied.
   */
  public static Optional<String> refusal(MetadataCommand command, ClusterImage image) {
    if (command.kind() == MetadataCommand.Kind.UNKNOWN) {
      return Optional.of(((Unknown) command).text());
    }
    int present = image.level(Feature.METADATA_VERSION);
    return command.level() <= present
        ? Optional.empty()
        : Optional.of(
            command.kind()
                + " takes level "
                + command.level()
                + " of "
                + Feature.METADATA_VERSION.key()
                + ", and the cluster is at "
                + present);
  }

  private static CommandResult apply(Entry entry, MetadataCommand command) {
    Optional<String> refusal = refusal(command, entry.found());
    if (refusal.isPresent()) {
      return entry.rejected(ErrorCode.UNSUPPORTED_VERSION, refusal.get());
    }
    return switch (command.kind()) {
      case FORMAT_CLUSTER -> format(entry, (FormatCluster) command);
      case REGISTER_BROKER -> BrokerCommands.apply(entry, (RegisterBroker) command);
      case FENCE_BROKER -> BrokerCommands.apply(entry, (FenceBroker) command);
      case STOP_BROKER -> BrokerCommands.apply(entry, (StopBroker) command);
      case DRAIN_BROKER -> BrokerCommands.apply(entry, (DrainBroker) command);
      case UNREGISTER_BROKER -> BrokerCommands.apply(entry, (UnregisterBroker) command);
      case CREATE_TOPIC -> TopicCommands.apply(entry, (CreateTopic) command);
      case DELETE_TOPIC -> TopicCommands.apply(entry, (DeleteTopic) command);
      case CONFIRM_REMOVAL -> TopicCommands.apply(entry, (ConfirmRemoval) command);
      case ALTER_TOPIC_CONFIGS -> TopicCommands.apply(entry, (AlterTopicConfigs) command);
      case ADD_PARTITIONS -> TopicCommands.apply(entry, (AddPartitions) command);
      case ALTER_ISR -> PartitionCommands.apply(entry, (AlterIsr) command);
      case REPORT_LOG_ENDS -> PartitionCommands.apply(entry, (ReportLogEnds) command);
      case ELECT_LONGEST -> PartitionCommands.apply(entry, (ElectLongest) command);
      case ELECT_LEADERS -> PartitionCommands.apply(entry, (ElectLeaders) command);
      case ELECT_UNCLEAN -> UncleanElection.apply(entry, (ElectUnclean) command);
      case ALTER_REASSIGNMENTS -> PartitionCommands.apply(entry, (AlterReassignments) command);
      case CONFIRM_REPLICA_REMOVAL ->
          PartitionCommands.apply(entry, (ConfirmReplicaRemoval) command);
      case REPLICAS_OFFLINE -> PartitionCommands.apply(entry, (ReplicasOffline) command);
      case REPORT_MISSING -> PartitionCommands.apply(entry, (ReportMissing) command);
      case ACKNOWLEDGE_LOSSES -> PartitionCommands.apply(entry, (AcknowledgeLosses) command);
      case SIGN_OF_LIFE -> BrokerCommands.apply(entry, (SignOfLife) command);
      case ALLOCATE_PRODUCER_IDS -> allocate(entry, (AllocateProducerIds) command);
      case UPDATE_FEATURES -> FeatureRules.apply(entry, (UpdateFeatures) command);
      case UNKNOWN -> throw new IllegalStateException("refused above");
    };
  }

  private static CommandResult format(Entry entry, FormatCluster command) {
    String present = entry.found().clusterId();
    if (command.clusterId().isEmpty()) {
      return entry.rejected(ErrorCode.INVALID_REQUEST, "a cluster id is not empty");
    }
    if (!present.isEmpty() && !present.equals(command.clusterId())) {
      return entry.rejected(
          ErrorCode.INCONSISTENT_CLUSTER_ID,
          "this is cluster " + present + ", not " + command.clusterId());
    }
    if (present.isEmpty()) {
      entry.edit().setClusterId(command.clusterId());
      command.levels().forEach(entry.edit()::setLevel);
    }
    return entry.accepted();
  }

  private static CommandResult allocate(Entry entry, AllocateProducerIds command) {
    if (!entry.found().isActive(command.brokerId(), command.brokerEpoch())) {
      return entry.stale(command.brokerId(), command.brokerEpoch());
    }
    if (command.count() < 1 || command.count() > MAX_PRODUCER_ID_BLOCK) {
      return entry.rejected(
          ErrorCode.INVALID_REQUEST,
          "a block has 1 to " + MAX_PRODUCER_ID_BLOCK + " ids, not " + command.count());
    }
    long first = entry.found().nextProducerId();
    entry.edit().setNextProducerId(first + command.count());
    return new Accepted(entry.index(), -1, first, List.of());
  }
}
