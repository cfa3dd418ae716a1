package io.highwater.replication.control;

/**
 * A member of the metadata quorum.
 *
 * @param nodeId the broker
 * @param endpoint its CONTROLLER listener
 * @param live whether the quorum's leader heard from it lately
 */
public record QuorumVoter(int nodeId, Endpoint endpoint, boolean live) {}
