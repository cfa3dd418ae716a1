package io.highwater.server.metadata;

import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.RecordLoss;
import io.highwater.replication.control.TopicImage;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what may have been lost of partitions that this broker leads, once, when the metadata begins
 * to tell of it (LEP-7). Of thousands at once it names some and counts the others: {@code topic
 * describe} has all. On the owner loop.
 */
public final class LossLog {
  private static final Logger LOG = LoggerFactory.getLogger(LossLog.class);

  private static final int MOST_NAMED = 20;

  private final int brokerId;
  private int named;
  private int others;
  private int killed;
  private ClusterImage seen = ClusterImage.EMPTY;

  /** Has seen nothing yet. */
  public LossLog(int brokerId) {
    this.brokerId = brokerId;
  }

  /** Takes the next image; what the first one tells of is old. */
  public void onImage(ClusterImage image) {
    named = 0;
    others = 0;
    killed = 0;
    for (UUID topicId : image.topicsChangedSince(seen)) {
      TopicImage topic = image.topic(topicId);
      TopicImage before = seen.topic(topicId);
      if (before != null && topic != null) {
        for (PartitionImage partition : topic.partitions()) {
          PartitionImage old = before.partition(partition.partition());
          if (partition.leader() == brokerId && old != null) {
            log(topic.name() + "-" + partition.partition(), old.losses(), partition.losses());
          }
        }
      }
    }
    if (others > 0) {
      LOG.warn("{} more partitions may have lost records; 'topic describe' tells of each", others);
    }
    if (killed > 0) {
      LOG.info(
          "all brokers whose replicas were in sync last had been killed while their machines went on,"
              + " or had their log directories away, so nothing is missing unless log files were"
              + " replaced or removed before the restart, in so many partitions: {}",
          killed);
    }
    seen = image;
  }

  private void log(String name, List<RecordLoss> known, List<RecordLoss> losses) {
    for (RecordLoss loss : losses) {
      if (known.contains(loss) || loss.acknowledged()) {
        continue;
      }
      if (loss.cause() == RecordLoss.Cause.ALL_KILLED) {
        killed++;
      } else if (loss.isNone()) {
        LOG.info("{}: {}", name, loss.text());
      } else if (named++ >= MOST_NAMED) {
        others++;
      } else {
        LOG.warn("{}: {}", name, loss.text());
      }
    }
  }
}
