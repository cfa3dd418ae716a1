package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.log.space.DirectorySpace;
import io.highwater.log.space.SpaceLimits;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log says of a disk that is full; here, since log-store's tests have no log. */
class FullDiskLogTest {
  private static final String STOPS = "{} takes no appends until there is more space: {}";
  private static final String GOES_ON = "{} takes appends again: {} bytes are free";

  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(DirectorySpace.class);
  private final LogFixture fixture = new LogFixture().open();

  @BeforeEach
  void listen() {
    logged.start();
    logger.addAppender(logged);
  }

  @AfterEach
  void listenNoMore() {
    logger.detachAppender(logged);
  }

  private List<String> lines() {
    return logged.list.stream().map(ILoggingEvent::getMessage).toList();
  }

  private void look(long freeBytes, SpaceLimits limits) throws IOException {
    fixture.storage.limitBytes(fixture.storage.usedBytes() + freeBytes);
    fixture.health.space().check(fixture.storage, limits);
  }

  private void append() {
    fixture.append(Batches.of(1, "a"));
  }

  /** Each look lets appends try the disk again. */
  @Test
  void whereNothingIsToStayFreeItIsToldWhenItBeginsAndWhenAppendsWentThrough() throws IOException {
    for (long free : List.of(0L, 10L)) {
      for (int i = 0; i < 5; i++) {
        look(free, SpaceLimits.NONE);
        assertThatThrownBy(this::append).isInstanceOf(HighwaterException.class);
      }
      assertThat(lines()).containsExactly(STOPS);
      for (int i = 0; i < 3; i++) {
        look(20_000, SpaceLimits.NONE);
        append();
      }
      assertThat(lines()).containsExactly(STOPS, GOES_ON);
      logged.list.clear();
    }
  }

  /** A quota, say. */
  @Test
  void aDiskThatRefusesWhatItSaysIsFreeIsToldOnce() throws IOException {
    for (int i = 0; i < 5; i++) {
      look(20_000, SpaceLimits.NONE);
      fixture.storage.limitBytes(fixture.storage.usedBytes());
      assertThatThrownBy(this::append).isInstanceOf(HighwaterException.class);
    }

    assertThat(lines()).containsExactly(STOPS);
  }

  @Test
  void withRoomThatIsToStayFreeEachTurnIsTold() throws IOException {
    SpaceLimits limits = new SpaceLimits(0, 4_000, 6_000);
    for (int i = 0; i < 2; i++) {
      look(3_999, limits);
      look(3_999, limits);
      look(6_000, limits);
    }

    assertThat(lines()).containsExactly(STOPS, GOES_ON, STOPS, GOES_ON);
  }
}
