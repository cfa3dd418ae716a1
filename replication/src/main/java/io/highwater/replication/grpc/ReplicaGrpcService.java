package io.highwater.replication.grpc;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.internal.v1.ReplicaServiceGrpc.ReplicaServiceImplBase;
import io.highwater.proto.internal.v1.ReplicateRequest;
import io.highwater.proto.internal.v1.ReplicateResponse;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.transport.FollowerLinkAcceptor;

/** {@code ReplicaService}: the streams of the followers of this broker. */
public final class ReplicaGrpcService implements BindableService {
  private final OwnerLoop loop;
  private final FollowerLinkAcceptor acceptor;

  /**
   * @param loop the owner loop; best the event loop that serves the connections
   * @param acceptor takes the streams
   */
  public ReplicaGrpcService(OwnerLoop loop, FollowerLinkAcceptor acceptor) {
    this.loop = loop;
    this.acceptor = acceptor;
  }

  @Override
  public ServerServiceDefinition bindService() {
    BindableService contract = new ReplicaServiceImplBase() {};
    return RecordStreams.serve(contract.bindService(), RecordStreams.REPLICATE, this::replicate);
  }

  private StreamObserver<ReplicateRequest> replicate(
      StreamObserver<RecordsFrame<ReplicateResponse>> responses) {
    GrpcFollowerLink link =
        new GrpcFollowerLink(
            loop, (ServerCallStreamObserver<RecordsFrame<ReplicateResponse>>) responses, acceptor);
    link.start();
    return link;
  }
}
