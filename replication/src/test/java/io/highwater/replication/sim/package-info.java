/**
 * A whole cluster in one thread: the broker's own classes under virtual time, a seeded network and
 * disks that crash, with the invariants checked after every event. One number, the seed, decides
 * everything, so a failing run, which prints it, can be repeated:
 *
 * <pre>
 *   mvn test -pl replication -am -Dtest=RandomFaultsTest -Dhighwater.sim.seed=N \
 *       -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
package io.highwater.replication.sim;
