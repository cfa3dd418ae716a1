package io.highwater.client;

import java.util.List;
import java.util.Objects;

/**
 * The cluster as one broker sees it.
 *
 * @param clusterId its id
 * @param controllerId node id of the active controller, or -1 when none is active
 * @param brokers the registered brokers
 * @param metadataOffset version of the image that this comes from
 * @param metadataHash SHA-256 of that image in hex: the same on all brokers at the same version
 * @param uncleanLeaderElections how many elections there ever were that may have cost committed
 *     records; those of deleted topics count
 * @param longestLogElections the same, of the longest log that was left after every candidate had
 *     restarted uncleanly
 * @param missingRecordsFound how often a replica held committed records that were lost without an
 *     election that told of it
 * @param features by their names; none from a broker of older software
 */
public record ClusterDescription(
    String clusterId,
    int controllerId,
    List<BrokerDescription> brokers,
    long metadataOffset,
    String metadataHash,
    long uncleanLeaderElections,
    long longestLogElections,
    long missingRecordsFound,
    List<FeatureDescription> features) {
  public ClusterDescription {
    Objects.requireNonNull(clusterId, "clusterId");
    Objects.requireNonNull(metadataHash, "metadataHash");
    brokers = List.copyOf(brokers);
    features = List.copyOf(features);
  }
}
