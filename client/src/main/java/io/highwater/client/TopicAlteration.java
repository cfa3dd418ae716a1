package io.highwater.client;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A change of a topic's settings.
 *
 * @param name the topic
 * @param set settings by Kafka's names with their new values
 * @param delete settings that get their default again
 */
public record TopicAlteration(String name, Map<String, String> set, List<String> delete) {
  public TopicAlteration {
    Objects.requireNonNull(name, "name");
    set = Map.copyOf(set);
    delete = List.copyOf(delete);
  }
}
