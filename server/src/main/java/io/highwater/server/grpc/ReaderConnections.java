package io.highwater.server.grpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.v1.FetchServiceGrpc;
import io.highwater.proto.v1.PubSubServiceGrpc;
import io.highwater.server.fetch.ReaderMemory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;

/**
 * Ties calls to the connection they came on, so that readers share memory by connection and
 * address. Filters and intercepts all of a listener that lives on the owner loop.
 */
final class ReaderConnections extends ServerTransportFilter implements ServerInterceptor {
  private static final Attributes.Key<ReaderMemory.Connection> ATTRIBUTE =
      Attributes.Key.create("reader-connection");
  private static final Context.Key<ReaderMemory.Call> CURRENT = Context.key("reader-call");

  /** They hold what they read and send themselves, from before they read it. */
  private static final Set<String> READERS =
      Set.of(
          FetchServiceGrpc.getFetchMethod().getFullMethodName(),
          FetchServiceGrpc.getFetchStreamMethod().getFullMethodName(),
          PubSubServiceGrpc.getSubscribeMethod().getFullMethodName());

  private final ReaderMemory memory;
  private final UnreadStreams streams;
  private final ConnectionLimit connections;

  /** These connections share this memory. */
  ReaderConnections(ReaderMemory memory, UnreadStreams streams, ConnectionLimit connections) {
    this.memory = memory;
    this.streams = streams;
    this.connections = connections;
  }

  /** The call that begins on this thread. */
  static ReaderMemory.Call current() {
    return CURRENT.get();
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    SocketAddress remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    ReaderMemory.Connection connection =
        memory.connect(host(remote), () -> connections.turnOut(remote));
    return attributes.toBuilder()
        .set(ATTRIBUTE, connection)
        .set(UnfinishedMessages.CONNECTION, new UnfinishedMessages.Connection())
        .set(
            UnreadStreams.CONNECTION,
            streams.connect(
                () -> connections.unreadBytes(remote), () -> connections.turnOut(remote)))
        .build();
  }

  @Override
  public void transportTerminated(Attributes attributes) {
    ReaderMemory.Connection connection = attributes == null ? null : attributes.get(ATTRIBUTE);
    // None when it ended before its handshake did.
    if (connection != null) {
      connection.close();
    }
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    ReaderMemory.Connection connection = call.getAttributes().get(ATTRIBUTE);
    boolean isReader = READERS.contains(call.getMethodDescriptor().getFullMethodName());
    LimitedCall<Q, R> limited =
        new LimitedCall<>(
            call, isReader ? null : connection.answers(), UnfinishedMessages.ofCurrentCall());
    if (!isReader && connection.leavesAnswers()) {
      limited.end(
          new HighwaterException(
              ErrorCode.THROTTLING_QUOTA_EXCEEDED,
              "too many answers on this connection are not read"));
      return new ServerCall.Listener<>() {};
    }
    SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    int stream = isReader ? connections.newestStream(remote) : 0;
    Context context =
        Context.current()
            .withValue(CURRENT, connection.call(() -> connections.turnOut(remote, stream)));
    return limited.listener(Contexts.interceptCall(context, limited, headers, next));
  }

  private static String host(SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : String.valueOf(address);
  }
}
