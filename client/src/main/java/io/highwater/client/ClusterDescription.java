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
 */
public record ClusterDescription(
    String clusterId, int controllerId, List<BrokerDescription> brokers, long metadataOffset) {
  public ClusterDescription {
    Objects.requireNonNull(clusterId, "clusterId");
    brokers = List.copyOf(brokers);
  }
}
