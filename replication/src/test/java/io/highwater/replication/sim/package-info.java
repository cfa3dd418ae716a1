/**
 * A whole cluster in one thread: the broker's own classes under virtual time, a seeded network and
 * disks that crash, with the invariants checked after every event. One number, the seed, decides
 * everything, so a failing run can be repeated: {@code -Dhighwater.sim.seed=N}.
 */
package io.highwater.replication.sim;
