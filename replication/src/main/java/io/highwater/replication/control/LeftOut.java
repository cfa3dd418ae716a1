package io.highwater.replication.control;

import java.util.List;

/**
 * Why replicas are left out of an in-sync set, where they do not just lag; for people.
 *
 * @param silent their leader heard nothing of them
 * @param full their disks take no appends (ISR-7)
 */
public record LeftOut(List<Integer> silent, List<Integer> full) {
  /** Nobody is, but for those that lag. */
  public static final LeftOut NONE = new LeftOut(List.of(), List.of());

  public LeftOut {
    silent = List.copyOf(silent);
    full = List.copyOf(full);
  }
}
