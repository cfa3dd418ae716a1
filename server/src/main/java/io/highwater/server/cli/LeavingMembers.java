package io.highwater.server.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;

/**
 * Keeps out what Ratis logs as an error, with a stack trace, whenever the quorum's leader speaks to
 * a member that is being stopped: nothing went wrong.
 */
final class LeavingMembers extends Filter<ILoggingEvent> {
  private static final String REFUSAL =
      "org.apache.ratis.protocol.exceptions.ServerNotReadyException";

  @Override
  public FilterReply decide(ILoggingEvent event) {
    for (IThrowableProxy thrown = event.getThrowableProxy();
        thrown != null;
        thrown = thrown.getCause()) {
      if (thrown.getClassName().equals(REFUSAL)) {
        return FilterReply.DENY;
      }
    }
    return FilterReply.NEUTRAL;
  }
}
