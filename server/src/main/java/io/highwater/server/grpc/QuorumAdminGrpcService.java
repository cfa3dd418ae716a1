package io.highwater.server.grpc;

import io.grpc.stub.StreamObserver;
import io.highwater.proto.v1.AddControllerRequest;
import io.highwater.proto.v1.AddControllerResponse;
import io.highwater.proto.v1.DescribeQuorumRequest;
import io.highwater.proto.v1.DescribeQuorumResponse;
import io.highwater.proto.v1.QuorumAdminServiceGrpc;
import io.highwater.proto.v1.QuorumVoterInfo;
import io.highwater.proto.v1.RemoveControllerRequest;
import io.highwater.proto.v1.RemoveControllerResponse;
import io.highwater.replication.control.QuorumVoter;
import io.highwater.server.metadata.QuorumAdmin;
import java.util.List;

/**
 * Says who the metadata quorum's members are, and changes them, for clients of the active
 * controller.
 */
public final class QuorumAdminGrpcService
    extends QuorumAdminServiceGrpc.QuorumAdminServiceImplBase {
  private final QuorumAdmin admin;

  /** Serves with this administration. */
  public QuorumAdminGrpcService(QuorumAdmin admin) {
    this.admin = admin;
  }

  @Override
  public void describeQuorum(
      DescribeQuorumRequest request, StreamObserver<DescribeQuorumResponse> call) {
    Replies.reply(
        admin.describe(),
        members ->
            DescribeQuorumResponse.newBuilder()
                .addAllVoters(infos(members.voters()))
                .addAllStandbys(infos(members.standbys()))
                .setLeaderId(members.leaderId())
                .build(),
        call);
  }

  @Override
  public void addController(
      AddControllerRequest request, StreamObserver<AddControllerResponse> call) {
    Replies.reply(
        admin.add(request.getNodeId(), request.getDryRun()),
        voters -> AddControllerResponse.newBuilder().addAllVoters(infos(voters)).build(),
        call);
  }

  @Override
  public void removeController(
      RemoveControllerRequest request, StreamObserver<RemoveControllerResponse> call) {
    Replies.reply(
        admin.remove(request.getNodeId(), request.getDryRun()),
        voters -> RemoveControllerResponse.newBuilder().addAllVoters(infos(voters)).build(),
        call);
  }

  private static List<QuorumVoterInfo> infos(List<QuorumVoter> voters) {
    return voters.stream()
        .map(
            voter ->
                QuorumVoterInfo.newBuilder()
                    .setNodeId(voter.nodeId())
                    .setHost(voter.endpoint().host())
                    .setPort(voter.endpoint().port())
                    .setLive(voter.live())
                    .build())
        .toList();
  }
}
