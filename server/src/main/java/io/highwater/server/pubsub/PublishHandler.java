package io.highwater.server.pubsub;

import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Murmur2;
import io.highwater.proto.Outcome;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.control.TopicConfigs;
import io.highwater.replication.control.TopicImage;
import io.highwater.server.partition.TopicCatalog;
import io.highwater.server.produce.Append;
import io.highwater.server.produce.AppendOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.agrona.concurrent.EpochClock;

/**
 * Makes batches of single records, one or more for each partition concerned, sends them to their
 * leaders and tells for each record where it is. On the owner loop.
 */
public final class PublishHandler {
  /** Stands for "no partition given". */
  public static final int ANY_PARTITION = -1;

  private final TopicCatalog catalog;
  private final BatchRoute route;
  private final EpochClock clock;
  private int nextPartition;

  /** Publishes by this route. */
  public PublishHandler(TopicCatalog catalog, BatchRoute route, EpochClock clock) {
    this.catalog = catalog;
    this.route = route;
    this.clock = clock;
  }

  /**
   * What a client publishes together.
   *
   * @param partition for all records, or {@link #ANY_PARTITION}: by key hash, and records without a
   *     key all to one partition, the next in turn
   */
  public record Publication(String topic, int partition, Acks acks, List<NewRecord> records) {}

  /**
   * Publishes records.
   *
   * @param answer called once, with a receipt for each record in their order
   * @throws HighwaterException UNKNOWN_TOPIC_OR_PARTITION; nothing was published
   */
  public void publish(Publication publication, Consumer<List<Receipt>> answer) {
    TopicImage topic = catalog.topic(null, publication.topic());
    if (publication.partition() >= 0) {
      catalog.partition(topic.id(), topic.name(), publication.partition());
    }
    new Publishing(topic, publication, answer).run();
  }

  private final class Publishing {
    private final TopicImage topic;
    private final Publication publication;
    private final Consumer<List<Receipt>> answer;
    private final Receipt[] receipts;
    private final BatchBuilder builder;
    private final RecordTerms terms;
    // One for run() itself, so that answers that come at once do not end it early.
    private int missing = 1;

    Publishing(TopicImage topic, Publication publication, Consumer<List<Receipt>> answer) {
      this.topic = topic;
      this.publication = publication;
      this.answer = answer;
      this.receipts = new Receipt[publication.records().size()];
      this.builder =
          new BatchBuilder(Codec.NONE, TopicConfigs.MAX_MESSAGE_BYTES.in(topic.configs()));
      this.terms = RecordTerms.of(topic.configs());
    }

    void run() {
      for (Map.Entry<Integer, List<Integer>> group : byPartition().entrySet()) {
        publish(group.getKey(), group.getValue());
      }
      done();
    }

    /** Places of the records in the publication, by partition and in order. */
    private Map<Integer, List<Integer>> byPartition() {
      int keyless = Math.floorMod(nextPartition++, topic.partitions().size());
      Map<Integer, List<Integer>> groups = new TreeMap<>();
      for (int i = 0; i < receipts.length; i++) {
        byte[] key = publication.records().get(i).key();
        int partition =
            publication.partition() >= 0
                ? publication.partition()
                : key == null ? keyless : Murmur2.partition(key, topic.partitions().size());
        groups.computeIfAbsent(partition, unused -> new ArrayList<>()).add(i);
      }
      return groups;
    }

    private void publish(int partition, List<Integer> places) {
      long nowMs = clock.time();
      List<Integer> batched = new ArrayList<>();
      builder.reset();
      for (int place : places) {
        NewRecord record = publication.records().get(place);
        long timestampMs = record.timestampMs() == 0 ? nowMs : record.timestampMs();
        try {
          terms.require(record, timestampMs, nowMs);
          if (!builder.isEmpty() && !fits(record, timestampMs)) {
            send(partition, batched);
            batched = new ArrayList<>();
            builder.reset();
          }
          builder.append(timestampMs, record.key(), record.value(), record.headers());
          batched.add(place);
        } catch (HighwaterException e) {
          receipts[place] = Receipt.failed(partition, e.code(), Outcome.REFUSED, e.getMessage());
        }
      }
      if (!builder.isEmpty()) {
        send(partition, batched);
      }
    }

    private boolean fits(NewRecord record, long timestampMs) {
      return builder.fits(
          timestampMs,
          record.key() == null ? -1 : record.key().length,
          record.value() == null ? -1 : record.value().length,
          record.headers());
    }

    private void send(int partition, List<Integer> places) {
      missing++;
      route.append(
          new Append(topic.idOf(partition), Append.ANY_EPOCH, publication.acks(), 0),
          builder.build(),
          outcome -> {
            for (int i = 0; i < places.size(); i++) {
              receipts[places.get(i)] = receipt(partition, i, outcome);
            }
            done();
          });
    }

    private Receipt receipt(int partition, int placeInBatch, AppendOutcome outcome) {
      if (outcome.error() != ErrorCode.NONE) {
        return Receipt.failed(partition, outcome.error(), outcome.outcome(), outcome.text());
      }
      AppendReceipt receipt = outcome.receipt();
      return receipt == null
          ? new Receipt(partition, Receipt.NOWHERE, ErrorCode.NONE, Outcome.DONE, "", 0, 0)
          : new Receipt(
              partition,
              receipt.baseOffset() + placeInBatch,
              ErrorCode.NONE,
              Outcome.DONE,
              "",
              receipt.replicas(),
              receipt.fsynced());
    }

    private void done() {
      missing--;
      if (missing == 0) {
        answer.accept(Arrays.asList(receipts));
      }
    }
  }
}
