package io.highwater.replication.ratis;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.LevelRange;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Settings of one member of the metadata quorum.
 *
 * @param nodeId this broker; one of the voters
 * @param clusterId the cluster; members of another one are strangers
 * @param dataDirectory the broker's data directory; the quorum keeps its part below it
 * @param voters all members by node id, with the addresses that they reach each other by
 * @param bindHost local address to listen at, on this member's port
 * @param electionTimeoutMs silence of the leader after which an election begins, at the earliest;
 *     at the latest after twice as long
 * @param snapshotEntries a snapshot is taken, and what lies before it deleted, every so many
 *     entries
 * @param submitTimeoutMs after which the outcome of a submitted command is unknown
 * @param features levels that this software speaks, by feature: the highest are those of a cluster
 *     that it makes, and it stops where others come in force
 */
public record QuorumConfig(
    int nodeId,
    String clusterId,
    Path dataDirectory,
    SortedMap<Integer, Endpoint> voters,
    String bindHost,
    long electionTimeoutMs,
    long snapshotEntries,
    long submitTimeoutMs,
    SortedMap<String, LevelRange> features) {

  public static final long DEFAULT_ELECTION_TIMEOUT_MS = 300;
  public static final long DEFAULT_SNAPSHOT_ENTRIES = 10_000;
  public static final long DEFAULT_SUBMIT_TIMEOUT_MS = 5_000;

  public QuorumConfig {
    Objects.requireNonNull(dataDirectory, "dataDirectory");
    Objects.requireNonNull(bindHost, "bindHost");
    voters = Collections.unmodifiableSortedMap(new TreeMap<>(voters));
    features = Collections.unmodifiableSortedMap(new TreeMap<>(features));
    if (clusterId.isEmpty()) {
      throw new HighwaterException(ErrorCode.INVALID_CONFIG, "the cluster id is empty");
    }
    if (!voters.containsKey(nodeId)) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG,
          "node " + nodeId + " is not among the controllers " + voters.keySet());
    }
    if (electionTimeoutMs < 1 || snapshotEntries < 1 || submitTimeoutMs < 1) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG, "times and sizes of the quorum must be positive");
    }
  }

  /** A member of this build. */
  public QuorumConfig(
      int nodeId,
      String clusterId,
      Path dataDirectory,
      SortedMap<Integer, Endpoint> voters,
      String bindHost,
      long electionTimeoutMs,
      long snapshotEntries,
      long submitTimeoutMs) {
    this(
        nodeId,
        clusterId,
        dataDirectory,
        voters,
        bindHost,
        electionTimeoutMs,
        snapshotEntries,
        submitTimeoutMs,
        Feature.allSupported());
  }

  /** A member with default times. */
  public static QuorumConfig of(
      int nodeId,
      String clusterId,
      Path dataDirectory,
      Map<Integer, Endpoint> voters,
      String bindHost) {
    return new QuorumConfig(
        nodeId,
        clusterId,
        dataDirectory,
        new TreeMap<>(voters),
        bindHost,
        DEFAULT_ELECTION_TIMEOUT_MS,
        DEFAULT_SNAPSHOT_ENTRIES,
        DEFAULT_SUBMIT_TIMEOUT_MS);
  }

  /**
   * Reads {@code controller.quorum.voters}: {@code 1@host:port,2@host:port,3@host:port}.
   *
   * @throws HighwaterException INVALID_CONFIG when the text is not of that form
   */
  public static SortedMap<Integer, Endpoint> parseVoters(String text) {
    SortedMap<Integer, Endpoint> voters = new TreeMap<>();
    for (String voter : text.split(",", -1)) {
      int at = voter.indexOf('@');
      int colon = voter.lastIndexOf(':');
      if (at < 1 || colon < at) {
        throw notVoters(voter, null);
      }
      try {
        int id = Integer.parseInt(voter.substring(0, at).trim());
        String host = voter.substring(at + 1, colon).trim();
        int port = Integer.parseInt(voter.substring(colon + 1).trim());
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        if (id < 0 || voters.put(id, new Endpoint(bare, port)) != null) {
          throw notVoters(voter, null);
        }
      } catch (IllegalArgumentException e) {
        throw notVoters(voter, e);
      }
    }
    return voters;
  }

  /** What {@link #parseVoters} reads. */
  static String votersText(SortedMap<Integer, Endpoint> voters) {
    return voters.entrySet().stream()
        .map(voter -> voter.getKey() + "@" + voter.getValue())
        .collect(Collectors.joining(","));
  }

  private static HighwaterException notVoters(String voter, Throwable cause) {
    return new HighwaterException(
        ErrorCode.INVALID_CONFIG,
        "controllers are listed as ID@HOST:PORT with different ids, not '" + voter + "'",
        cause);
  }
}
