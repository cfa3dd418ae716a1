package io.highwater.server.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The quorum of the metadata log.
 *
 * @param nodeId this broker
 * @param clusterId the cluster that the broker belongs to; empty: what the data directory says, or
 *     a new one at the first start of a quorum of one
 * @param voters address of the CONTROLLER listener by node id, this node included when it is one;
 *     empty: this broker is its own quorum of one
 * @param standby whether it runs the controller's part while it is no member, ready to be added
 * @param electionTimeoutMs without a leader for this long, an election begins
 */
public record ControllerConfig(
    int nodeId,
    String clusterId,
    Map<Integer, HostPort> voters,
    boolean standby,
    int electionTimeoutMs) {
  static final ConfigKey<Integer> NODE_ID =
      ConfigKey.ofInt("node.id", 1, 0, Integer.MAX_VALUE, "this broker's number in the cluster");
  static final ConfigKey<String> CLUSTER_ID =
      ConfigKey.ofText("cluster.id", "", "the cluster this broker belongs to");
  static final ConfigKey<Map<Integer, HostPort>> QUORUM_VOTERS =
      new ConfigKey<>(
          "controller.quorum.voters",
          "",
          "the controllers a cluster begins with: ID@HOST:PORT,… (their CONTROLLER listeners);"
              + " later changes are in the quorum's own log, and count",
          ControllerConfig::parseVoters);
  static final ConfigKey<Boolean> STANDBY =
      ConfigKey.ofBoolean(
          "controller.quorum.standby",
          false,
          "be ready to become a controller by 'cluster add-controller'");
  static final ConfigKey<Integer> ELECTION_TIMEOUT_MS =
      ConfigKey.ofInt(
          "controller.quorum.election.timeout.ms",
          300,
          50,
          60_000,
          "without a controller for this long, an election begins");

  private static final int MAX_CLUSTER_ID_LENGTH = 64;

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(NODE_ID, CLUSTER_ID, QUORUM_VOTERS, STANDBY, ELECTION_TIMEOUT_MS);

  /** Copies the voters; checks that a cluster's quorum is named whole. */
  public ControllerConfig {
    voters = Map.copyOf(voters);
    if (clusterId.length() > MAX_CLUSTER_ID_LENGTH
        || !clusterId.chars().allMatch(ControllerConfig::isIdCharacter)) {
      throw CLUSTER_ID.invalid(
          clusterId,
          "must be at most " + MAX_CLUSTER_ID_LENGTH + " characters of a-z A-Z 0-9 . _ -");
    }
  }

  /** Reads this component's keys. */
  public static ControllerConfig from(ConfigValues values) {
    return new ControllerConfig(
        values.get(NODE_ID),
        values.get(CLUSTER_ID),
        values.get(QUORUM_VOTERS),
        values.get(STANDBY),
        values.get(ELECTION_TIMEOUT_MS));
  }

  /** Where the voters' list says this broker's CONTROLLER listener is, when it is a voter. */
  public Optional<HostPort> ownVoter() {
    return Optional.ofNullable(voters.get(nodeId));
  }

  /** Whether this broker is a member of the quorum; else it follows it as an observer. */
  public boolean isVoter() {
    return voters.isEmpty() || voters.containsKey(nodeId);
  }

  /** Whether this broker alone is the quorum. */
  public boolean isSingleNode() {
    return voters.isEmpty() || (voters.size() == 1 && voters.containsKey(nodeId));
  }

  private static Map<Integer, HostPort> parseVoters(String text) {
    Map<Integer, HostPort> voters = new TreeMap<>();
    for (String element : text.split(",", -1)) {
      String voter = element.strip();
      if (voter.isEmpty()) {
        continue;
      }
      int at = voter.indexOf('@');
      if (at <= 0) {
        throw new IllegalArgumentException("'" + voter + "' must be ID@HOST:PORT");
      }
      int id;
      try {
        id = Integer.parseInt(voter.substring(0, at));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("'" + voter + "' must be ID@HOST:PORT", e);
      }
      HostPort endpoint = HostPort.parse(voter.substring(at + 1));
      if (id < 0 || voters.put(id, endpoint) != null) {
        throw new IllegalArgumentException("'" + voter + "': ids are unique and not negative");
      }
    }
    if (voters.size() > 1 && voters.values().stream().anyMatch(e -> e.port() == 0)) {
      throw new IllegalArgumentException("port 0 is possible only for a quorum of one");
    }
    return voters;
  }

  private static boolean isIdCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }
}
