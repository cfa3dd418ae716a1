package io.highwater.client;

/**
 * A member of the metadata quorum.
 *
 * @param nodeId the broker
 * @param address its CONTROLLER listener
 * @param live whether the active controller heard from it lately
 */
public record ControllerDescription(int nodeId, BrokerAddress address, boolean live) {}
