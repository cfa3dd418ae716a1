/**
 * Load generators, the same for every system: what is sent, when, how it is timed and what it cost.
 * Sees a system only through {@link io.highwater.perf.load.LoadTarget}, and nothing of Highwater's.
 */
package io.highwater.perf.load;
