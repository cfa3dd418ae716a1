package io.highwater.replication.control;

/**
 * Levels of a {@link Feature}, both ends included.
 *
 * @param min positive
 * @param max not below {@code min}
 */
public record LevelRange(int min, int max) {
  public LevelRange {
    if (min < 1 || max < min) {
      throw new IllegalArgumentException("no range of levels: " + min + " to " + max);
    }
  }

  /** Whether a level is among them. */
  public boolean contains(int level) {
    return min <= level && level <= max;
  }

  @Override
  public String toString() {
    return min == max ? String.valueOf(min) : min + " to " + max;
  }
}
