package io.highwater.replication.control;

import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * A topic that is gone, remembered until every replica confirmed that its data is (CTL-5).
 *
 * @param id of the topic
 * @param name it had
 * @param unconfirmed brokers that may still hold data of it, ascending
 */
public record DeletedTopic(UUID id, String name, List<Integer> unconfirmed) {
  public DeletedTopic {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    unconfirmed = List.copyOf(unconfirmed);
  }

  DeletedTopic confirmedBy(int brokerId) {
    return new DeletedTopic(
        id, name, unconfirmed.stream().filter(broker -> broker != brokerId).toList());
  }
}
