package io.highwater.client;

import java.util.Objects;

/**
 * What the members of a cluster have to agree on, in levels.
 *
 * @param name such as {@code metadata.version}
 * @param level in force
 * @param supported by all registered brokers
 */
public record FeatureDescription(String name, int level, SupportedLevels supported) {
  public FeatureDescription {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(supported, "supported");
  }
}
