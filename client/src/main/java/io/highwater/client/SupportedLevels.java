package io.highwater.client;

/**
 * Levels of a feature that somebody speaks, both ends included.
 *
 * @param min 0 when there is none
 * @param max not below {@code min}
 */
public record SupportedLevels(int min, int max) {
  @Override
  public String toString() {
    return max == 0 ? "none" : min == max ? String.valueOf(min) : min + " to " + max;
  }
}
