package io.highwater.client.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Tells people how far it is: steps as lines, and between them a line that is written over on a
 * terminal and now and then repeated elsewhere. Methods may be called from any thread.
 */
public final class Progress {
  private static final long TERMINAL_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long PLAIN_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final String ERASE_LINE = "\r\u001b[K";
  private static final int BAR = 24;

  private final PrintStream err;
  private final boolean terminal;
  private final long startNanos = System.nanoTime();
  private long nextNanos = startNanos;
  private boolean lineIsOpen;

  /** Begins now. */
  public Progress(CliStreams streams) {
    this.err = streams.err();
    this.terminal = streams.terminal();
  }

  /** Says that something was done or begins. */
  public synchronized void step(String text) {
    closeLine();
    long now = System.nanoTime();
    nextNanos = now + (terminal ? TERMINAL_EVERY_NANOS : PLAIN_EVERY_NANOS);
    double seconds = (now - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    err.println(String.format(Locale.ROOT, "%5.1f s  %s", seconds, text));
  }

  /**
   * Says how far it is; cheap when it is too early to say so again.
   *
   * @param fraction 0 to 1
   */
  public synchronized void at(double fraction, String unit, long count) {
    long now = System.nanoTime();
    if (now - nextNanos < 0) {
      return;
    }
    nextNanos = now + (terminal ? TERMINAL_EVERY_NANOS : PLAIN_EVERY_NANOS);
    String text = String.format(Locale.ROOT, "%3.0f%%  %,d %s", fraction * 100, count, unit);
    if (terminal) {
      int filled = (int) (fraction * BAR);
      err.print(
          ERASE_LINE + "         " + "█".repeat(filled) + "░".repeat(BAR - filled) + " " + text);
      err.flush();
      lineIsOpen = true;
    } else {
      err.println("         " + text);
    }
  }

  /** Ends the line that is being written over. */
  public synchronized void closeLine() {
    if (lineIsOpen) {
      err.print(ERASE_LINE);
      err.flush();
      lineIsOpen = false;
    }
  }
}
