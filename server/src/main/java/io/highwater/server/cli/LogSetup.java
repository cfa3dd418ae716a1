package io.highwater.server.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * How this process logs when no logback.xml says otherwise: to standard error, warnings only until
 * a broker asks for more. In code, since reading XML would double the start of a verb. Logback
 * makes it.
 */
@ConfiguratorRank(LogSetup.AFTER_FILES)
public final class LogSetup extends ContextAwareBase implements Configurator {
  /** Behind the search for configuration files, before Logback's last resort. */
  static final int AFTER_FILES = ConfiguratorRank.NOMINAL - 1;

  private static final String OURS = "io.highwater";
  // Warns of every try to reach a peer that is down; what follows from it is told by our own
  // classes.
  private static final String CONSENSUS = "org.apache.ratis";
  // Shows where it is whenever something does not start; that is thrown as well.
  private static final String CONSENSUS_FAILURES = CONSENSUS + ".util.LifeCycle";
  // java.util.logging forgets the level of a logger that nobody holds.
  private static final java.util.logging.Logger SHADED_GRPC =
      java.util.logging.Logger.getLogger("org.apache.ratis.thirdparty");
  // They tell, with a stack trace, of whatever comes to the CONTROLLER port and is no message; who
  // sent it hears of it.
  private static final List<java.util.logging.Logger> OF_REQUESTS =
      List.of(
          java.util.logging.Logger.getLogger(
              "org.apache.ratis.thirdparty.io.grpc.internal.SerializingExecutor"),
          java.util.logging.Logger.getLogger(
              "org.apache.ratis.thirdparty.io.grpc.netty.NettyServerStream"));
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{0}: %msg%n";

  /** Lets what the broker does be seen, not only what goes wrong. */
  static void logBroker() {
    if (LoggerFactory.getLogger(OURS) instanceof Logger ours && ours.getLevel() == null) {
      ours.setLevel(Level.INFO);
    }
    SHADED_GRPC.setLevel(java.util.logging.Level.WARNING);
    OF_REQUESTS.forEach(logger -> logger.setFilter(record -> !isRefusal(record.getThrown())));
  }

  private static boolean isRefusal(Throwable thrown) {
    return thrown != null && thrown.getClass().getSimpleName().equals("StatusRuntimeException");
  }

  @Override
  public ExecutionStatus configure(LoggerContext loggers) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(loggers);
    encoder.setPattern(PATTERN);
    encoder.start();
    LeavingMembers leavingMembers = new LeavingMembers();
    leavingMembers.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(loggers);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.addFilter(leavingMembers);
    appender.start();
    Logger root = loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(appender);
    loggers.getLogger(CONSENSUS).setLevel(Level.ERROR);
    loggers.getLogger(CONSENSUS_FAILURES).setLevel(Level.OFF);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
