package io.highwater.perf.system;

/** What a system is started for: where its makers' flags for one would be unfair to the other. */
public enum Purpose {
  /** Records per second, CPU, latency: the heap that its start script gives. */
  THROUGHPUT,
  /** Time and memory at the start: a heap that begins small. */
  START_UP
}
