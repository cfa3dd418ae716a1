package io.highwater.proto.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.v1.LeaderHint;

/**
 * Errors as gRPC knows them, both ways: the status code that {@link ErrorCode#grpcCode()} names,
 * the text as its description, and the exact error in the trailers.
 */
public final class StatusMapper {
  /** Trailer: the error's name, such as {@code NOT_LEADER_OR_FOLLOWER}. */
  public static final Metadata.Key<String> ERROR =
      Metadata.Key.of("highwater-error", Metadata.ASCII_STRING_MARSHALLER);

  /** Trailer: {@code refused} or {@code unknown}, what became of the change that failed. */
  public static final Metadata.Key<String> OUTCOME =
      Metadata.Key.of("highwater-outcome", Metadata.ASCII_STRING_MARSHALLER);

  /** Trailer: where the leader is, a {@code highwater.v1.LeaderHint}. */
  public static final Metadata.Key<byte[]> LEADER =
      Metadata.Key.of("highwater-leader-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final String REFUSED = "refused";
  private static final String UNKNOWN = "unknown";

  private StatusMapper() {}

  /** What ends a call that failed with {@code error}. */
  public static StatusRuntimeException toException(HighwaterException error) {
    return toException(error, null);
  }

  /**
   * What ends a call that failed with {@code error}, with the leader's place.
   *
   * @param leader or null when it is not known
   */
  public static StatusRuntimeException toException(HighwaterException error, LeaderHint leader) {
    Metadata trailers = new Metadata();
    trailers.put(ERROR, error.code().name());
    trailers.put(OUTCOME, error.outcome() == Outcome.REFUSED ? REFUSED : UNKNOWN);
    if (leader != null) {
      trailers.put(LEADER, leader.toByteArray());
    }
    return Status.fromCode(Status.Code.valueOf(error.code().grpcCode().name()))
        .withDescription(error.getMessage())
        .withCause(error)
        .asRuntimeException(trailers);
  }

  /**
   * The error that ended a call. A status without our trailer comes from gRPC itself or from
   * another server, and is read by its code; its outcome is unknown. Where this process has no
   * memory for what came it is MESSAGE_TOO_LARGE: it would come again.
   *
   * @param failure what a call or stream ended with
   */
  public static HighwaterException fromThrowable(Throwable failure) {
    if (failure instanceof HighwaterException error) {
      return error;
    }
    Status status = Status.fromThrowable(failure);
    OutOfMemoryError lack = lackOfMemory(failure);
    if (lack != null) {
      return new HighwaterException(
          ErrorCode.MESSAGE_TOO_LARGE,
          Outcome.UNKNOWN,
          "no memory for what came (-Xmx): " + lack.getMessage(),
          failure);
    }
    Metadata trailers = trailers(failure);
    String name = trailers == null ? null : trailers.get(ERROR);
    ErrorCode code = name == null ? null : named(name);
    String text = status.getDescription() == null ? status.toString() : status.getDescription();
    Outcome outcome =
        trailers != null && REFUSED.equals(trailers.get(OUTCOME))
            ? Outcome.REFUSED
            : Outcome.UNKNOWN;
    return new HighwaterException(code == null ? ofStatus(status) : code, outcome, text, failure);
  }

  private static OutOfMemoryError lackOfMemory(Throwable failure) {
    Throwable cause = failure;
    while (cause != null && !(cause instanceof OutOfMemoryError)) {
      cause = cause.getCause();
    }
    return (OutOfMemoryError) cause;
  }

  /** The leader's place that came with the error, or null. */
  public static LeaderHint leaderHint(Throwable failure) {
    Metadata trailers = trailers(failure);
    byte[] bytes = trailers == null ? null : trailers.get(LEADER);
    if (bytes == null) {
      return null;
    }
    try {
      return LeaderHint.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      // A hint only: without it the client asks for metadata.
      return null;
    }
  }

  private static Metadata trailers(Throwable failure) {
    if (failure instanceof StatusRuntimeException e) {
      return e.getTrailers();
    }
    return failure instanceof StatusException e ? e.getTrailers() : null;
  }

  private static ErrorCode named(String name) {
    for (ErrorCode code : ErrorCode.values()) {
      if (code.name().equals(name)) {
        return code;
      }
    }
    return null;
  }

  private static ErrorCode ofStatus(Status status) {
    return switch (status.getCode()) {
      case UNAVAILABLE, CANCELLED -> ErrorCode.NETWORK_EXCEPTION;
      case DEADLINE_EXCEEDED -> ErrorCode.REQUEST_TIMED_OUT;
      // gRPC's own word for a message above its size limit.
      case RESOURCE_EXHAUSTED -> ErrorCode.MESSAGE_TOO_LARGE;
      case INVALID_ARGUMENT, UNIMPLEMENTED, FAILED_PRECONDITION, OUT_OF_RANGE ->
          ErrorCode.INVALID_REQUEST;
      case OK,
          UNKNOWN,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          ABORTED,
          INTERNAL,
          DATA_LOSS,
          UNAUTHENTICATED ->
          ErrorCode.UNKNOWN_SERVER_ERROR;
    };
  }
}
