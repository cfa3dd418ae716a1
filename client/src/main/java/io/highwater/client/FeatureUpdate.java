package io.highwater.client;

import java.util.Objects;

/**
 * A level of a feature that another one takes the place of.
 *
 * @param feature its name
 * @param fromLevel in force before
 * @param level in force after
 */
public record FeatureUpdate(String feature, int fromLevel, int level) {
  public FeatureUpdate {
    Objects.requireNonNull(feature, "feature");
  }
}
