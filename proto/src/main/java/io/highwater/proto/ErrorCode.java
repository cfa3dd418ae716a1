package io.highwater.proto;

/**
 * The error catalogue: every error that leaves a component, under Kafka's name where Kafka has one.
 * This enum is the source of {@code highwater/v1/error.proto}; a test holds the two together.
 * Numbers are for ever: a code may be added, never changed.
 */
public enum ErrorCode {
  /** Success. */
  NONE(0, GrpcCode.OK, false, false, Actor.CALLER),
  /** Nothing more precise is known; the broker's log says more. */
  UNKNOWN_SERVER_ERROR(1, GrpcCode.INTERNAL, false, false, Actor.OPERATOR),
  /** Bytes fail their CRC, lie about their length or cannot be decoded. */
  CORRUPT_MESSAGE(2, GrpcCode.DATA_LOSS, true, false, Actor.CALLER),
  /** No such topic or partition, or not known here yet. */
  UNKNOWN_TOPIC_OR_PARTITION(3, GrpcCode.NOT_FOUND, true, true, Actor.CALLER),
  /** No topic with this id: it was deleted, or is not known here yet. */
  UNKNOWN_TOPIC_ID(4, GrpcCode.NOT_FOUND, true, true, Actor.CALLER),
  /** This broker does not serve the partition; a leader hint may say who does. */
  NOT_LEADER_OR_FOLLOWER(5, GrpcCode.FAILED_PRECONDITION, true, true, Actor.CALLER),
  /** The partition has no leader at the moment. */
  LEADER_NOT_AVAILABLE(6, GrpcCode.UNAVAILABLE, true, true, Actor.REPLICA),
  /** The caller's leader epoch is over. */
  FENCED_LEADER_EPOCH(7, GrpcCode.FAILED_PRECONDITION, true, true, Actor.CALLER),
  /** The caller knows a leader epoch that this broker has not heard of yet. */
  UNKNOWN_LEADER_EPOCH(8, GrpcCode.UNAVAILABLE, true, false, Actor.REPLICA),
  /** The batch or record is above the size limit. */
  MESSAGE_TOO_LARGE(9, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** The batch is whole but breaks a rule of its format. */
  INVALID_RECORD(10, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** The batch names a codec that does not exist. */
  UNSUPPORTED_COMPRESSION_TYPE(11, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** The batch is not of format version 2. */
  UNSUPPORTED_FOR_MESSAGE_FORMAT(12, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** The offset is below the log start or above the end. */
  OFFSET_OUT_OF_RANGE(13, GrpcCode.OUT_OF_RANGE, false, false, Actor.CALLER),
  /** Fewer than min.insync.replicas in sync: nothing was appended. */
  NOT_ENOUGH_REPLICAS(14, GrpcCode.UNAVAILABLE, true, false, Actor.REPLICA),
  /** The in-sync set shrank after the append: it may or may not survive. */
  NOT_ENOUGH_REPLICAS_AFTER_APPEND(15, GrpcCode.UNAVAILABLE, true, false, Actor.REPLICA),
  /** No answer in time: the outcome is unknown. */
  REQUEST_TIMED_OUT(16, GrpcCode.DEADLINE_EXCEEDED, true, false, Actor.REPLICA),
  /** A batch before this one is missing (IDM-1). */
  OUT_OF_ORDER_SEQUENCE_NUMBER(17, GrpcCode.FAILED_PRECONDITION, false, false, Actor.CALLER),
  /** A repeat older than the last five batches (IDM-2). */
  DUPLICATE_SEQUENCE_NUMBER(18, GrpcCode.ALREADY_EXISTS, false, false, Actor.CALLER),
  /** A newer instance of the producer has taken over (IDM-4). */
  INVALID_PRODUCER_EPOCH(19, GrpcCode.FAILED_PRECONDITION, false, false, Actor.CALLER),
  /**
   * The producer's state expired, or went with the records of retention: it must raise its epoch
   * (IDM-4).
   */
  UNKNOWN_PRODUCER_ID(20, GrpcCode.FAILED_PRECONDITION, false, false, Actor.CALLER),
  /** The name is taken. */
  TOPIC_ALREADY_EXISTS(21, GrpcCode.ALREADY_EXISTS, false, false, Actor.CALLER),
  /** Not a legal topic name. */
  INVALID_TOPIC_EXCEPTION(22, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** Not a legal number of partitions. */
  INVALID_PARTITIONS(23, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** Not positive, or more than there are brokers. */
  INVALID_REPLICATION_FACTOR(24, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** A setting is unknown or has an illegal value. */
  INVALID_CONFIG(25, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** The request contradicts the contract. */
  INVALID_REQUEST(26, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** A log directory failed; the partition moves to another replica. */
  KAFKA_STORAGE_ERROR(27, GrpcCode.UNAVAILABLE, true, true, Actor.OPERATOR),
  /** No room on the disk: reads go on, appends are refused. */
  STORAGE_FULL(28, GrpcCode.RESOURCE_EXHAUSTED, true, false, Actor.OPERATOR),
  /** The broker registered anew since (FEN-3). */
  STALE_BROKER_EPOCH(29, GrpcCode.FAILED_PRECONDITION, false, false, Actor.REPLICA),
  /** Another live broker has this node id. */
  DUPLICATE_BROKER_REGISTRATION(30, GrpcCode.ALREADY_EXISTS, false, false, Actor.OPERATOR),
  /** Caller and broker belong to different clusters. */
  INCONSISTENT_CLUSTER_ID(31, GrpcCode.FAILED_PRECONDITION, false, false, Actor.OPERATOR),
  /** The state changed since the version the command expected (ISR-2). */
  INVALID_UPDATE_VERSION(32, GrpcCode.ABORTED, false, false, Actor.REPLICA),
  /** The replica may not join the in-sync set (ISR-2). */
  INELIGIBLE_REPLICA(33, GrpcCode.FAILED_PRECONDITION, false, false, Actor.REPLICA),
  /** This broker is not the active controller. */
  NOT_CONTROLLER(34, GrpcCode.FAILED_PRECONDITION, true, true, Actor.REPLICA),
  /** The broker is starting, stopping or fenced. */
  BROKER_NOT_AVAILABLE(35, GrpcCode.UNAVAILABLE, true, true, Actor.REPLICA),
  /** The caller is over its quota. */
  THROTTLING_QUOTA_EXCEEDED(36, GrpcCode.RESOURCE_EXHAUSTED, true, false, Actor.CALLER),
  /** The connection broke before an answer came: the outcome is unknown. */
  NETWORK_EXCEPTION(37, GrpcCode.UNAVAILABLE, true, true, Actor.CALLER),
  /** A record's timestamp is negative or beyond what the topic accepts. */
  INVALID_TIMESTAMP(38, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** A new leader does not know its high watermark yet (REP-4). */
  OFFSET_NOT_AVAILABLE(39, GrpcCode.UNAVAILABLE, true, false, Actor.REPLICA),
  /** The topic's own settings forbid it. */
  POLICY_VIOLATION(40, GrpcCode.FAILED_PRECONDITION, false, false, Actor.CALLER),
  /** The partition's leader is the one that an election would choose. */
  ELECTION_NOT_NEEDED(41, GrpcCode.FAILED_PRECONDITION, false, false, Actor.CALLER),
  /** The preferred leader is not in sync, or its broker is not available. */
  PREFERRED_LEADER_NOT_AVAILABLE(42, GrpcCode.UNAVAILABLE, true, true, Actor.REPLICA),
  /** No replica is there that could be elected. */
  ELIGIBLE_LEADERS_NOT_AVAILABLE(43, GrpcCode.UNAVAILABLE, true, true, Actor.REPLICA),
  /** Replicas that a partition cannot have. */
  INVALID_REPLICA_ASSIGNMENT(44, GrpcCode.INVALID_ARGUMENT, false, false, Actor.CALLER),
  /** There is no reassignment of the partition to be called off. */
  NO_REASSIGNMENT_IN_PROGRESS(45, GrpcCode.FAILED_PRECONDITION, false, false, Actor.CALLER),
  /** The node is a member of the metadata quorum already. */
  DUPLICATE_VOTER(46, GrpcCode.ALREADY_EXISTS, false, false, Actor.CALLER),
  /** The node is no member of the metadata quorum. */
  VOTER_NOT_FOUND(47, GrpcCode.NOT_FOUND, false, false, Actor.CALLER),
  /** No live broker has this node id. */
  BROKER_ID_NOT_REGISTERED(48, GrpcCode.NOT_FOUND, false, false, Actor.CALLER),
  /** The metadata quorum changes by one member at a time. */
  QUORUM_CHANGE_IN_PROGRESS(49, GrpcCode.ABORTED, false, false, Actor.CALLER),
  /**
   * The partition lost what the producer's sequence goes on from, acknowledged batches among it: a
   * loss is on record. It must raise its epoch, and can go on (IDM-4).
   */
  PRODUCER_STATE_LOST(50, GrpcCode.FAILED_PRECONDITION, false, false, Actor.CALLER),
  /** It takes newer software, or a level of a feature that is not in force. */
  UNSUPPORTED_VERSION(51, GrpcCode.FAILED_PRECONDITION, false, false, Actor.OPERATOR),
  /** A level of a feature may not come in force: not all brokers are up and speak it. */
  FEATURE_UPDATE_FAILED(52, GrpcCode.FAILED_PRECONDITION, false, false, Actor.OPERATOR);

  /** Who must do something before the same request can succeed. */
  public enum Actor {
    /** The caller: another request, another broker, or a retry. */
    CALLER,
    /** The cluster: a replica, leader or controller has to catch up; waiting helps. */
    REPLICA,
    /** A person who runs the cluster. */
    OPERATOR
  }

  /** The gRPC status code of a call that fails with an error, by gRPC's own names. */
  public enum GrpcCode {
    OK,
    INVALID_ARGUMENT,
    DEADLINE_EXCEEDED,
    NOT_FOUND,
    ALREADY_EXISTS,
    RESOURCE_EXHAUSTED,
    FAILED_PRECONDITION,
    ABORTED,
    OUT_OF_RANGE,
    INTERNAL,
    UNAVAILABLE,
    DATA_LOSS
  }

  private static final ErrorCode[] BY_WIRE = byWire();

  private final int wire;
  private final GrpcCode grpcCode;
  private final boolean retriable;
  private final boolean refreshMetadata;
  private final Actor actor;

  ErrorCode(int wire, GrpcCode grpcCode, boolean retriable, boolean refreshMetadata, Actor actor) {
    this.wire = wire;
    this.grpcCode = grpcCode;
    this.retriable = retriable;
    this.refreshMetadata = refreshMetadata;
    this.actor = actor;
  }

  /** The number of {@code highwater.v1.ErrorCode}. */
  public int wire() {
    return wire;
  }

  /** The gRPC status code of a call that fails with this error. */
  public GrpcCode grpcCode() {
    return grpcCode;
  }

  /**
   * Whether the same request may succeed later. Some retriable errors leave open whether the
   * request took effect: only an idempotent producer may repeat those without risking a duplicate.
   */
  public boolean retriable() {
    return retriable;
  }

  /** Whether what the caller knows of topics and leaders is out of date. */
  public boolean refreshMetadata() {
    return refreshMetadata;
  }

  /**
   * What became of a change that failed so, where whoever names the error does not know more: some
   * leave open whether it took effect.
   */
  public Outcome outcome() {
    return switch (this) {
      case NONE -> Outcome.DONE;
      case UNKNOWN_SERVER_ERROR,
          NOT_ENOUGH_REPLICAS_AFTER_APPEND,
          REQUEST_TIMED_OUT,
          DUPLICATE_SEQUENCE_NUMBER,
          KAFKA_STORAGE_ERROR,
          NETWORK_EXCEPTION ->
          Outcome.UNKNOWN;
      default -> Outcome.REFUSED;
    };
  }

  /** Who must act. */
  public Actor actor() {
    return actor;
  }

  /**
   * The error of a number on the wire; {@link #UNKNOWN_SERVER_ERROR} for numbers of a newer peer.
   */
  public static ErrorCode of(int wire) {
    return wire >= 0 && wire < BY_WIRE.length ? BY_WIRE[wire] : UNKNOWN_SERVER_ERROR;
  }

  private static ErrorCode[] byWire() {
    ErrorCode[] codes = new ErrorCode[values().length];
    for (ErrorCode code : values()) {
      codes[code.wire] = code;
    }
    return codes;
  }
}
