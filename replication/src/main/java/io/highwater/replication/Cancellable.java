package io.highwater.replication;

/** Something that may still happen, and can be called off. */
@FunctionalInterface
public interface Cancellable {
  /** Nothing left to call off. */
  Cancellable DONE = () -> {};

  /** Calls it off; does nothing when it has happened already or was called off before. */
  void cancel();
}
