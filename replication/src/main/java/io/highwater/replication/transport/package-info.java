/**
 * The seam between replicas: streams on which a follower says where its logs end and a leader
 * pushes what they lack. The frames are those of {@code highwater/internal/v1/replica.proto} as
 * plain values; gRPC carries them in production, a seeded network in the simulation.
 *
 * <p>All calls and callbacks of one broker's end happen on its owner loop. A stream delivers in
 * order and loses only a suffix, when it breaks. Callbacks never come from within the call that
 * caused them.
 */
package io.highwater.replication.transport;
