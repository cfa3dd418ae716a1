package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RecoveryProgressTest {
  @Test
  void theLogSaysOnceASecondHowFarItIs() {
    AtomicLong nowNs = new AtomicLong();
    Logger logger = (Logger) LoggerFactory.getLogger(RecoveryProgress.class);
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    heard.start();
    logger.addAppender(heard);
    Level before = logger.getLevel();
    logger.setLevel(Level.INFO);
    try {
      RecoveryProgress progress = new RecoveryProgress(8, nowNs::get);
      for (int i = 0; i < 8; i++) {
        nowNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(400));
        progress.opened();
      }
    } finally {
      logger.setLevel(before);
      logger.detachAppender(heard);
    }
    assertThat(heard.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "recovering, not serving yet: 37 % (3 of 8 logs)",
            "recovering, not serving yet: 75 % (6 of 8 logs)");
  }
}
