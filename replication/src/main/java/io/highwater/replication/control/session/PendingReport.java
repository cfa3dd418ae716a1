package io.highwater.replication.control.session;

import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one report of its kind that may be on its way to the metadata log. One that gets lost is
 * given up: the image shows that it has to be said again. On the owner loop.
 */
final class PendingReport {
  private static final Logger LOG = LoggerFactory.getLogger(PendingReport.class);

  private final MetadataLog log;
  private final OwnerLoop loop;
  private final String what;
  private boolean underWay;

  /**
   * @param what it tells of, for people
   */
  PendingReport(MetadataLog log, OwnerLoop loop, String what) {
    this.log = log;
    this.loop = loop;
    this.what = what;
  }

  boolean isUnderWay() {
    return underWay;
  }

  void submit(MetadataCommand command) {
    underWay = true;
    log.submit(
        command,
        (result, failure) ->
            loop.execute(
                () -> {
                  underWay = false;
                  if (failure != null) {
                    LOG.info("{} are not reported yet: {}", what, failure.toString());
                  }
                }));
  }
}
