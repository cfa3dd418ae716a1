package io.highwater.replication.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.LifeCycle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Errors of a look are loud, once; a member that ends is none. */
@Timeout(30)
class FlushWatchTest {
  private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
  private final Thread.UncaughtExceptionHandler before =
      Thread.getDefaultUncaughtExceptionHandler();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(Repeating.class);
  private final AtomicInteger looks = new AtomicInteger();
  private volatile LifeCycle.State state = LifeCycle.State.RUNNING;
  private volatile RuntimeException failure;

  /** Between two questions of one look. */
  private volatile boolean closesNow;

  private volatile long flushed = 4;
  private final FlushWatch watch = new FlushWatch(member(), System::nanoTime);

  @BeforeEach
  void listen() {
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
    logged.start();
    logger.addAppender(logged);
    watch.start();
  }

  @AfterEach
  void close() {
    watch.close();
    logger.detachAppender(logged);
    Thread.setDefaultUncaughtExceptionHandler(before);
  }

  private RaftServer.Division member() {
    DivisionInfo info = proxy(DivisionInfo.class, (p, method, args) -> state);
    RaftLog log =
        proxy(
            RaftLog.class,
            (p, method, args) -> {
              looks.incrementAndGet();
              if (closesNow) {
                state = LifeCycle.State.CLOSING;
                throw new IllegalStateException("it is expected to be open");
              }
              if (failure != null) {
                throw failure;
              }
              return method.getName().equals("getNextIndex") ? 5 : flushed;
            });
    return proxy(
        RaftServer.Division.class,
        (p, method, args) -> method.getName().equals("getInfo") ? info : log);
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private void awaitLooks(int more) {
    int now = looks.get();
    await().until(() -> looks.get() >= now + more);
  }

  private List<String> errors() {
    return List.copyOf(logged.list).stream()
        .filter(event -> event.getLevel() == Level.ERROR)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void aMemberThatRatisClosesIsLookedAtNoMore() {
    flushed = 3;
    await().until(() -> watch.unflushedMs() > 0);
    closesNow = true;
    await().until(() -> watch.unflushedMs() == 0);
    int last = looks.get();
    await().during(Duration.ofMillis(400)).until(() -> looks.get() == last);
    assertThat(uncaught).isEmpty();
    assertThat(errors()).isEmpty();
  }

  @Test
  void aLookThatFailsIsToldOnceAndTriedAgain() {
    failure = new IllegalStateException("no log");
    awaitLooks(4);
    assertThat(errors()).singleElement().asString().contains("the metadata log's disk");
    assertThat(watch.unflushedMs()).as("nothing is known to wait").isLessThan(1_000);
    failure = null;
    awaitLooks(4);
    failure = new IllegalStateException("no log");
    awaitLooks(4);
    assertThat(errors()).as("it had come to an end").hasSize(2);
    assertThat(uncaught).isEmpty();
  }
}
