package io.highwater.log.recover;

/** How the broker that used a log directory last came to its end. */
public enum LastStop {
  /** It flushed everything and said so (REC-2). */
  CLEAN,
  /**
   * Its process died and the machine went on: all that it wrote to files is in them (REC-8). Only
   * the last write may be there in part.
   */
  KILLED,
  /** The machine may have lost power: what was not flushed may be gone, or there in part. */
  UNKNOWN
}
