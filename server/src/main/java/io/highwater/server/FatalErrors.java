package io.highwater.server;

import java.io.PrintStream;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process with one line after an error that leaves nothing to rely on, such as the lack of
 * memory or of threads. The JVM itself does so when the heap is full ({@code
 * -XX:+ExitOnOutOfMemoryError}), but not when memory outside of it is.
 */
public final class FatalErrors implements Thread.UncaughtExceptionHandler {
  /** The exit code, which is the JVM's own. */
  static final int EXIT_CODE = 3;

  private static final Logger LOG = LoggerFactory.getLogger(FatalErrors.class);

  private final PrintStream out;
  private final IntConsumer exit;

  FatalErrors(PrintStream out, IntConsumer exit) {
    this.out = out;
    this.exit = exit;
  }

  /**
   * Sees to the errors of all threads that have no handler of their own, and to a process that only
   * collects garbage any more.
   */
  public static void install() {
    FatalErrors errors = new FatalErrors(System.err, Runtime.getRuntime()::halt);
    Thread.setDefaultUncaughtExceptionHandler(errors);
    GarbageWatch.start(errors::end);
  }

  private void end(String why) {
    try {
      out.println("highwater: UNKNOWN_SERVER_ERROR: the broker ends: " + why);
    } finally {
      exit.accept(EXIT_CODE);
    }
  }

  @Override
  public void uncaughtException(Thread thread, Throwable failure) {
    if (failure instanceof VirtualMachineError) {
      end(failure.toString());
    } else {
      LOG.error("thread {} ended", thread.getName(), failure);
    }
  }
}
