package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.List;
import java.util.UUID;

/** What became of a command when it was applied. */
public sealed interface CommandResult {

  /** Log index of the command; an image of this index or a later one shows its effect. */
  long index();

  /**
   * The result of an accepted command.
   *
   * @throws HighwaterException with the reason when it was rejected
   */
  Accepted orThrow();

  /**
   * The command took effect.
   *
   * @param brokerEpoch {@code RegisterBroker}: the broker's epoch from now on; else -1
   * @param firstProducerId {@code AllocateProducerIds}: first id of the block; else -1
   * @param refusals of commands about many partitions, {@code AlterIsr} for one: the changes that
   *     were refused, all others were made
   */
  record Accepted(
      long index, long brokerEpoch, long firstProducerId, List<PartitionRefusal> refusals)
      implements CommandResult {
    public Accepted {
      refusals = List.copyOf(refusals);
    }

    static Accepted at(long index) {
      return new Accepted(index, -1, -1, List.of());
    }

    @Override
    public Accepted orThrow() {
      return this;
    }
  }

  /** The command had no effect. */
  record Rejected(long index, ErrorCode error, String text) implements CommandResult {
    @Override
    public Accepted orThrow() {
      throw new HighwaterException(error, text);
    }
  }

  /** Why one partition was left alone. */
  record PartitionRefusal(UUID topicId, int partition, ErrorCode error, String text) {}
}
