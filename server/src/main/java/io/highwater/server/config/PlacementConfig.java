package io.highwater.server.config;

import java.util.List;

/**
 * Where replicas and leaders are put.
 *
 * @param rack where this broker stands; empty: not told
 * @param autoLeaderRebalance whether leaders go back to preferred replicas by themselves
 * @param imbalanceCheckSeconds between two looks at that
 * @param imbalancePercentage how many of a broker's preferred leaderships others may have, of a
 *     hundred, before they go back
 */
public record PlacementConfig(
    String rack, boolean autoLeaderRebalance, long imbalanceCheckSeconds, int imbalancePercentage) {
  static final ConfigKey<String> RACK =
      ConfigKey.ofText("broker.rack", "", "where this broker stands, for spreading replicas");
  static final ConfigKey<Boolean> AUTO_LEADER_REBALANCE =
      ConfigKey.ofBoolean(
          "auto.leader.rebalance.enable", true, "leaders go back to preferred replicas");
  static final ConfigKey<Long> IMBALANCE_CHECK_SECONDS =
      ConfigKey.ofLong(
          "leader.imbalance.check.interval.seconds", 300, 1, 86_400, "between looks at that");
  static final ConfigKey<Integer> IMBALANCE_PERCENTAGE =
      ConfigKey.ofInt(
          "leader.imbalance.per.broker.percentage",
          10,
          0,
          100,
          "of a broker's preferred leaderships, how many others may have");

  private static final int MAX_RACK_LENGTH = 256;

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(RACK, AUTO_LEADER_REBALANCE, IMBALANCE_CHECK_SECONDS, IMBALANCE_PERCENTAGE);

  /** Checks the rack's length. */
  public PlacementConfig {
    if (rack.length() > MAX_RACK_LENGTH) {
      throw RACK.invalid(rack, "must be at most " + MAX_RACK_LENGTH + " characters");
    }
  }

  /** Reads this component's keys. */
  public static PlacementConfig from(ConfigValues values) {
    return new PlacementConfig(
        values.get(RACK),
        values.get(AUTO_LEADER_REBALANCE),
        values.get(IMBALANCE_CHECK_SECONDS),
        values.get(IMBALANCE_PERCENTAGE));
  }
}
