package io.highwater.replication.ratis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.replication.control.Endpoint;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/** How the quorum and its members are called in Ratis. */
final class QuorumGroup {
  private QuorumGroup() {}

  static UUID uuid(String clusterId) {
    return UUID.nameUUIDFromBytes(("highwater/" + clusterId).getBytes(UTF_8));
  }

  static RaftGroupId id(String clusterId) {
    return RaftGroupId.valueOf(uuid(clusterId));
  }

  static RaftPeerId peerId(int nodeId) {
    return RaftPeerId.valueOf(Integer.toString(nodeId));
  }

  static List<RaftPeer> peers(SortedMap<Integer, Endpoint> voters) {
    return voters.entrySet().stream()
        .map(
            voter ->
                RaftPeer.newBuilder()
                    .setId(peerId(voter.getKey()))
                    .setAddress(voter.getValue().toString())
                    .build())
        .toList();
  }
}
