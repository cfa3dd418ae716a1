/**
 * The metadata log as brokers outside the quorum have it: {@link
 * io.highwater.replication.control.observer.ObserverMetadataLog} follows a controller's stream of
 * entries and applies them itself, so its images equal those of the quorum's members (CTL-1).
 */
package io.highwater.replication.control.observer;
