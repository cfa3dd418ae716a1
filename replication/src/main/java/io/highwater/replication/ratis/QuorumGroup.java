package io.highwater.replication.ratis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.replication.control.Endpoint;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
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

  static int nodeId(RaftPeerId peer) {
    return Integer.parseInt(peer.toString());
  }

  /** The address as {@link Endpoint#toString} wrote it. */
  static Endpoint endpoint(String address) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return new Endpoint(
        bracketed ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(address.substring(colon + 1)));
  }

  static SortedMap<Integer, Endpoint> voters(Collection<RaftPeer> peers) {
    SortedMap<Integer, Endpoint> voters = new TreeMap<>();
    peers.forEach(peer -> voters.put(nodeId(peer.getId()), endpoint(peer.getAddress())));
    return voters;
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
