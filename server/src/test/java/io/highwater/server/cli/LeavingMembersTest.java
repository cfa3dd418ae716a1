package io.highwater.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.spi.FilterReply;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class LeavingMembersTest {
  private final Logger logger = new LoggerContext().getLogger("org.apache.ratis.server.RaftServer");

  @Test
  void onlyTheRefusalOfAMemberThatLeavesIsKeptOut() throws ReflectiveOperationException {
    Throwable refusal =
        Class.forName("org.apache.ratis.protocol.exceptions.ServerNotReadyException")
            .asSubclass(Throwable.class)
            .getConstructor(String.class)
            .newInstance("current state is CLOSING");

    assertThat(decide(refusal)).isEqualTo(FilterReply.DENY);
    assertThat(decide(new CompletionException(refusal))).isEqualTo(FilterReply.DENY);
    assertThat(decide(new IOException("disk"))).isEqualTo(FilterReply.NEUTRAL);
    assertThat(decide(null)).isEqualTo(FilterReply.NEUTRAL);
  }

  private FilterReply decide(Throwable thrown) {
    return new LeavingMembers()
        .decide(
            new LoggingEvent(
                "", logger, Level.ERROR, "Failed appendEntries", thrown, new Object[0]));
  }
}
