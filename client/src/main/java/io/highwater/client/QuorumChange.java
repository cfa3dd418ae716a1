package io.highwater.client;

/**
 * A change of the metadata quorum by one member.
 *
 * @param nodeId who is added or removed
 * @param adds false: it is removed
 * @param dryRun only check
 */
public record QuorumChange(int nodeId, boolean adds, boolean dryRun) {}
