/**
 * Liveness of brokers: {@link io.highwater.replication.control.session.BrokerSession} at the
 * broker, {@link io.highwater.replication.control.session.ActiveController} at the quorum's leader.
 *
 * <p>Sessions decide nothing but when somebody is fenced; no right on the data path stands on them
 * (FEN-2). Everything here runs on an {@code OwnerLoop} and measures monotonic time (FEN-4).
 */
package io.highwater.replication.control.session;
