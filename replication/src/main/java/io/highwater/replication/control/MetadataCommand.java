package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * An entry of the metadata log: what somebody wants changed, with the versions that it relies on.
 * It is accepted or rejected when it is applied, by every member alike (CTL-1), so whatever depends
 * on time, randomness or ids is decided by whoever submits it and fixed in here.
 */
public sealed interface MetadataCommand {

  /** Which command this is. */
  Kind kind();

  /** The level of {@link Feature#METADATA_VERSION} that it takes. */
  default int level() {
    return Feature.METADATA_VERSION.supported().min();
  }

  /** The commands there are. */
  enum Kind {
    FORMAT_CLUSTER,
    REGISTER_BROKER,
    FENCE_BROKER,
    STOP_BROKER,
    CREATE_TOPIC,
    DELETE_TOPIC,
    CONFIRM_REMOVAL,
    ALTER_ISR,
    ALLOCATE_PRODUCER_IDS,
    REPORT_LOG_ENDS,
    ELECT_LONGEST,
    ALTER_TOPIC_CONFIGS,
    ADD_PARTITIONS,
    ELECT_LEADERS,
    ALTER_REASSIGNMENTS,
    CONFIRM_REPLICA_REMOVAL,
    ELECT_UNCLEAN,
    DRAIN_BROKER,
    UNREGISTER_BROKER,
    REPLICAS_OFFLINE,
    REPORT_MISSING,
    SIGN_OF_LIFE,
    ACKNOWLEDGE_LOSSES,
    UPDATE_FEATURES,
    UNKNOWN
  }

  /**
   * Gives the cluster its id, once.
   *
   * @param levels of features, in force from the beginning; none: the lowest
   */
  record FormatCluster(String clusterId, Map<String, Integer> levels) implements MetadataCommand {
    public FormatCluster {
      levels = Map.copyOf(levels);
    }

    /** With the lowest levels. */
    public FormatCluster(String clusterId) {
      this(clusterId, Map.of());
    }

    @Override
    public Kind kind() {
      return Kind.FORMAT_CLUSTER;
    }
  }

  /**
   * A broker's process joins, or comes back after it was fenced.
   *
   * @param brokerId its node id
   * @param incarnation this start of its process: the same again means that nothing was lost
   * @param directoryId its data directory
   * @param lastRun how the process before it ended
   * @param expectedBrokerEpoch epoch of the newest registration of this node id that the process
   *     knows, -1 for none: a process that died before its registration was applied thus cannot
   *     supersede its successor (FEN-3)
   * @param endpoints addresses by listener
   * @param version of the software
   * @param rack where it stands; empty: unknown
   * @param features levels that it speaks, by feature
   */
  record RegisterBroker(
      int brokerId,
      UUID incarnation,
      UUID directoryId,
      LastRun lastRun,
      long expectedBrokerEpoch,
      Map<ListenerName, Endpoint> endpoints,
      String version,
      String rack,
      Map<String, LevelRange> features)
      implements MetadataCommand {
    public RegisterBroker {
      endpoints = Map.copyOf(endpoints);
      features = Map.copyOf(features);
    }

    /** Without a rack, of this build; the process before stopped cleanly in an epoch, or -1. */
    public RegisterBroker(
        int brokerId,
        UUID incarnation,
        UUID directoryId,
        long previousBrokerEpoch,
        long expectedBrokerEpoch,
        Map<ListenerName, Endpoint> endpoints,
        String version) {
      this(
          brokerId,
          incarnation,
          directoryId,
          LastRun.stopped(previousBrokerEpoch),
          expectedBrokerEpoch,
          endpoints,
          version,
          "",
          Feature.allSupported());
    }

    @Override
    public int level() {
      return lastRun.only().isPresent() ? LastRun.ONLY_LEVEL : MetadataCommand.super.level();
    }

    @Override
    public Kind kind() {
      return Kind.REGISTER_BROKER;
    }
  }

  /** The broker is taken for dead: it leaves every in-sync set and leads nothing any more. */
  record FenceBroker(int brokerId, long brokerEpoch) implements MetadataCommand {
    @Override
    public Kind kind() {
      return Kind.FENCE_BROKER;
    }
  }

  /** Controlled shutdown: the broker's work goes to others wherever one can take it. */
  record StopBroker(int brokerId, long brokerEpoch) implements MetadataCommand {
    @Override
    public Kind kind() {
      return Kind.STOP_BROKER;
    }
  }

  /**
   * Creates a topic.
   *
   * @param name a legal name that no topic has
   * @param topicId a new id
   * @param assignments replicas of each partition, the preferred leader first
   * @param configs keys of {@link TopicConfigs}
   */
  record CreateTopic(
      String name, UUID topicId, List<List<Integer>> assignments, Map<String, String> configs)
      implements MetadataCommand {
    public CreateTopic {
      assignments = assignments.stream().map(List::copyOf).toList();
      configs = Map.copyOf(configs);
    }

    @Override
    public Kind kind() {
      return Kind.CREATE_TOPIC;
    }
  }

  /** Deletes the topic of that id. */
  record DeleteTopic(UUID topicId) implements MetadataCommand {
    @Override
    public Kind kind() {
      return Kind.DELETE_TOPIC;
    }
  }

  /** The broker holds no data of these deleted topics any more. */
  record ConfirmRemoval(int brokerId, long brokerEpoch, List<UUID> topicIds)
      implements MetadataCommand {
    public ConfirmRemoval {
      topicIds = List.copyOf(topicIds);
    }

    @Override
    public Kind kind() {
      return Kind.CONFIRM_REMOVAL;
    }
  }

  /** Changes of in-sync sets, each accepted or refused by itself. */
  record AlterIsr(List<Change> changes) implements MetadataCommand {
    public AlterIsr {
      changes = List.copyOf(changes);
    }

    @Override
    public Kind kind() {
      return Kind.ALTER_ISR;
    }

    /**
     * What the leader of one partition wants, and the versions it relies on (ISR-2).
     *
     * @param isr the whole new set, the leader among it
     * @param leftOut who else than those that lag is not in it
     */
    public record Change(
        UUID topicId,
        int partition,
        int leaderEpoch,
        int partitionEpoch,
        List<Member> isr,
        LeftOut leftOut) {
      public Change {
        isr = List.copyOf(isr);
      }

      /** Whoever is left out was heard of, and lags. */
      public Change(
          UUID topicId, int partition, int leaderEpoch, int partitionEpoch, List<Member> isr) {
        this(topicId, partition, leaderEpoch, partitionEpoch, isr, LeftOut.NONE);
      }
    }

    /** A member and the registration in which it is in sync. */
    public record Member(int brokerId, long brokerEpoch) {}
  }

  /** Hands out the next {@code count} producer ids, which are never handed out again (IDM-4). */
  record AllocateProducerIds(int brokerId, long brokerEpoch, int count) implements MetadataCommand {
    @Override
    public Kind kind() {
      return Kind.ALLOCATE_PRODUCER_IDS;
    }
  }

  /** Where the logs of a broker end whose partitions wait for the longest (ISR-4). */
  record ReportLogEnds(int brokerId, long brokerEpoch, List<Report> reports)
      implements MetadataCommand {
    public ReportLogEnds {
      reports = List.copyOf(reports);
    }

    @Override
    public Kind kind() {
      return Kind.REPORT_LOG_ENDS;
    }

    /**
     * One partition's end.
     *
     * @param lastEpoch leader epoch of the last record, or -1 when there is none
     * @param logEndOffset next offset that would be written, or -1 when the log is only being
     *     fetched again
     * @param highWatermark what it last knew to be committed, or -1 when that is not told
     */
    public record Report(
        UUID topicId, int partition, int lastEpoch, long logEndOffset, long highWatermark) {}
  }

  /**
   * A replica holds committed records that its leader lacks, or other ones in their place, and is
   * about to drop them: that they are lost has to be in the metadata first (LEP-7).
   *
   * @param leaderEpoch of the leader that it follows
   * @param fromOffset the first of them
   * @param endOffset exclusive end of what it knew to be committed
   */
  record ReportMissing(
      int brokerId,
      long brokerEpoch,
      TopicIdPartition partition,
      int leaderEpoch,
      long fromOffset,
      long endOffset)
      implements MetadataCommand {
    @Override
    public Kind kind() {
      return Kind.REPORT_MISSING;
    }
  }

  /** The grace is over: elect the longest of the logs that were reported (ISR-4). */
  record ElectLongest(UUID topicId, int partition, int leaderEpoch) implements MetadataCommand {
    @Override
    public Kind kind() {
      return Kind.ELECT_LONGEST;
    }
  }

  /**
   * Changes a topic's settings.
   *
   * @param set keys of {@link TopicConfigs} with their new values
   * @param delete keys that get their default again; keys that are not set do no harm
   */
  record AlterTopicConfigs(UUID topicId, Map<String, String> set, List<String> delete)
      implements MetadataCommand {
    public AlterTopicConfigs {
      set = Map.copyOf(set);
      delete = List.copyOf(delete);
    }

    @Override
    public Kind kind() {
      return Kind.ALTER_TOPIC_CONFIGS;
    }
  }

  /**
   * Gives a topic more partitions.
   *
   * @param present how many it has before: made upon another number, the command is void
   * @param assignments replicas of each new partition, the preferred leader first
   */
  record AddPartitions(UUID topicId, int present, List<List<Integer>> assignments)
      implements MetadataCommand {
    public AddPartitions {
      assignments = assignments.stream().map(List::copyOf).toList();
    }

    @Override
    public Kind kind() {
      return Kind.ADD_PARTITIONS;
    }
  }

  /** Makes preferred leaders lead, each if it can. */
  record ElectLeaders(List<TopicIdPartition> partitions) implements MetadataCommand {
    public ElectLeaders {
      partitions = List.copyOf(partitions);
    }

    @Override
    public Kind kind() {
      return Kind.ELECT_LEADERS;
    }
  }

  /** An operator knows of all losses that are on record of these partitions. */
  record AcknowledgeLosses(List<TopicIdPartition> partitions) implements MetadataCommand {
    public AcknowledgeLosses {
      partitions = List.copyOf(partitions);
    }

    @Override
    public Kind kind() {
      return Kind.ACKNOWLEDGE_LOSSES;
    }
  }

  /**
   * Gives leaderless partitions a leader out of whoever is there, although that may lose committed
   * records; the longest log that was reported wins. What it cost is in the partition's {@link
   * PartitionImage#losses()}.
   */
  record ElectUnclean(List<TopicIdPartition> partitions) implements MetadataCommand {
    public ElectUnclean {
      partitions = List.copyOf(partitions);
    }

    @Override
    public Kind kind() {
      return Kind.ELECT_UNCLEAN;
    }
  }

  /** Moves partitions to other replicas (KIP-455), each accepted or refused by itself. */
  record AlterReassignments(List<Target> targets) implements MetadataCommand {
    public AlterReassignments {
      targets = List.copyOf(targets);
    }

    @Override
    public Kind kind() {
      return Kind.ALTER_REASSIGNMENTS;
    }

    /**
     * Where one partition goes.
     *
     * @param replicas the preferred leader first; none: the reassignment under way is called off
     */
    public record Target(TopicIdPartition partition, List<Integer> replicas) {
      public Target {
        replicas = List.copyOf(replicas);
      }
    }
  }

  /** The broker, no replica of these partitions any more, holds no data of them either. */
  record ConfirmReplicaRemoval(int brokerId, long brokerEpoch, List<TopicIdPartition> partitions)
      implements MetadataCommand {
    public ConfirmReplicaRemoval {
      partitions = List.copyOf(partitions);
    }

    @Override
    public Kind kind() {
      return Kind.CONFIRM_REPLICA_REMOVAL;
    }
  }

  /** An operator wants a broker rid of leaderships and replicas, or not any more. */
  record DrainBroker(int brokerId, boolean draining) implements MetadataCommand {
    @Override
    public Kind kind() {
      return Kind.DRAIN_BROKER;
    }
  }

  /**
   * A broker is gone for good: fenced in this epoch and without replicas, it is no broker of the
   * cluster any more. What it may have to clear up yet is nobody's any more; if it returns, it
   * registers as a new one.
   */
  record UnregisterBroker(int brokerId, long brokerEpoch) implements MetadataCommand {
    @Override
    public Kind kind() {
      return Kind.UNREGISTER_BROKER;
    }
  }

  /**
   * The broker cannot serve these replicas, because their disk or their log failed: they leave ISR
   * and ELR as after an unclean restart, and are not elected until they are in sync again or the
   * broker is registered anew (STO-8). A partition with no other eligible replica has no leader.
   *
   * @param absent whether their log directory was missing when the broker started: if it returns as
   *     it was, so do they
   */
  record ReplicasOffline(
      int brokerId, long brokerEpoch, List<TopicIdPartition> replicas, boolean absent)
      implements MetadataCommand {
    /** Of {@link Feature#METADATA_VERSION}, from which on {@code absent} may be said. */
    public static final int ABSENT_LEVEL = 2;

    public ReplicasOffline {
      replicas = List.copyOf(replicas);
    }

    /** Of replicas that failed. */
    public ReplicasOffline(int brokerId, long brokerEpoch, List<TopicIdPartition> replicas) {
      this(brokerId, brokerEpoch, replicas, false);
    }

    @Override
    public int level() {
      return absent ? ABSENT_LEVEL : MetadataCommand.super.level();
    }

    @Override
    public Kind kind() {
      return Kind.REPLICAS_OFFLINE;
    }
  }

  /**
   * A heartbeat through the metadata log, of a broker whose session with the active controller is
   * silent: whoever the quorum hears is alive.
   *
   * @param unheardControllers the active controllers that it did not hear, one after the other,
   *     since one was heard; none: the present one is heard again
   */
  record SignOfLife(int brokerId, long brokerEpoch, List<Integer> unheardControllers)
      implements MetadataCommand {
    public SignOfLife {
      unheardControllers = List.copyOf(unheardControllers);
    }

    @Override
    public Kind kind() {
      return Kind.SIGN_OF_LIFE;
    }
  }

  /**
   * An operator wants other levels of features in force.
   *
   * @param levels by feature
   */
  record UpdateFeatures(Map<String, Integer> levels) implements MetadataCommand {
    public UpdateFeatures {
      levels = Map.copyOf(levels);
    }

    @Override
    public Kind kind() {
      return Kind.UPDATE_FEATURES;
    }
  }

  /**
   * A command of newer software, or with a part that only newer software knows. Its level was not
   * in force, or this member would not be here: it is rejected, as newer members do.
   *
   * @param text what is not known, for people
   */
  record Unknown(String text) implements MetadataCommand {
    @Override
    public Kind kind() {
      return Kind.UNKNOWN;
    }
  }
}
