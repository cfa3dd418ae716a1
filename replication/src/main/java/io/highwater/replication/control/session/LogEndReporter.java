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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the cluster where this broker's logs end, for partitions that wait for the longest log
 * (ISR-4). On the owner loop.
 */
final class LogEndReporter {
  private static final Logger LOG = LoggerFactory.getLogger(LogEndReporter.class);

  private final int brokerId;
  private final MetadataLog log;
  private final OwnerLoop loop;
  private final LogEnds logEnds;

  private boolean reporting;

  /** The image in which nothing was left to report, or EMPTY. */
  private ClusterImage settled = ClusterImage.EMPTY;

  LogEndReporter(int brokerId, MetadataLog log, OwnerLoop loop, LogEnds logEnds) {
    this.brokerId = brokerId;
    this.log = log;
    this.loop = loop;
    this.logEnds = logEnds;
  }

  /** Reports what the image asks for; called again from time to time, it repeats what got lost. */
  void onImage(ClusterImage image, long brokerEpoch) {
    if (reporting || image.index() <= settled.index()) {
      return;
    }
    boolean due = false;
    List<Report> reports = new ArrayList<>();
    for (TopicImage topic : image.topics()) {
      if (topic.isUnchangedSince(settled.topic(topic.id()))) {
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
                              end.logEndOffset())));
        }
      }
    }
    if (!due) {
      settled = image;
    } else if (!reports.isEmpty()) {
      report(new ReportLogEnds(brokerId, brokerEpoch, reports));
    }
  }

  private void report(ReportLogEnds command) {
    reporting = true;
    log.submit(
        command,
        (result, failure) ->
            loop.execute(
                () -> {
                  reporting = false;
                  if (failure != null) {
                    LOG.info("log ends are not reported yet: {}", failure.toString());
                  }
                }));
  }
}
