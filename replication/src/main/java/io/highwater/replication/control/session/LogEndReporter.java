package io.highwater.replication.control.session;

import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.MetadataCommand.ReportLogEnds;
import io.highwater.replication.control.MetadataCommand.ReportLogEnds.Report;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Tells the cluster where this broker's logs end, for partitions that wait for the longest log
 * (ISR-4). On the owner loop.
 */
final class LogEndReporter {
  private final int brokerId;
  private final LogEnds logEnds;
  private final PendingReport report;

  /** The image in which nothing was left to report, or EMPTY. */
  private ClusterImage settled = ClusterImage.EMPTY;

  LogEndReporter(int brokerId, MetadataLog log, OwnerLoop loop, LogEnds logEnds) {
    this.brokerId = brokerId;
    this.logEnds = logEnds;
    this.report = new PendingReport(log, loop, "log ends");
  }

  /** Reports what the image asks for; called again from time to time, it repeats what got lost. */
  void onImage(ClusterImage image, long brokerEpoch) {
    if (report.isUnderWay() || image.index() <= settled.index()) {
      return;
    }
    boolean due = false;
    List<Report> reports = new ArrayList<>();
    for (UUID topicId : image.topicsChangedSince(settled)) {
      TopicImage topic = image.topic(topicId);
      if (topic == null) {
        continue;
      }
      for (PartitionImage partition : topic.partitions()) {
        if (partition.awaitsReportOf(brokerId)) {
          due = true;
          logEnds
              .of(topic.idOf(partition.partition()))
              .ifPresent(
                  end ->
                      reports.add(
                          new Report(
                              topic.id(),
                              partition.partition(),
                              end.lastEpoch(),
                              end.logEndOffset(),
                              end.highWatermark())));
        }
      }
    }
    if (!due) {
      settled = image;
    } else if (!reports.isEmpty()) {
      report.submit(new ReportLogEnds(brokerId, brokerEpoch, reports));
    }
  }
}
