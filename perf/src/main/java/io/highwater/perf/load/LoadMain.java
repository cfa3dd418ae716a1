package io.highwater.perf.load;

import java.io.IOException;

/**
 * Runs one {@link LoadSpec} in a JVM of its own: JSON as its argument, the {@link LoadResult} as
 * one line on standard output. Exits with 0 when there is a result, whatever it says; otherwise
 * with 1 and one line on standard error. SIGTERM ends the run early, with its result so far.
 */
public final class LoadMain {
  private static final long LAST_WORDS_MS = 10_000;

  private LoadMain() {}

  /** Runs the spec. */
  public static void main(String[] args) {
    if (args.length != 1) {
      System.err.println("load: one argument is needed, the spec as JSON");
      System.exit(1);
    }
    try {
      System.out.println(LoadJson.line(run(LoadJson.spec(args[0]))));
      // Clients may leave threads behind.
      Runtime.getRuntime().halt(0);
    } catch (IOException | RuntimeException e) {
      System.err.println("load: " + e.toString().strip().replaceAll("\\s*\\R\\s*", " "));
      Runtime.getRuntime().halt(1);
    }
  }

  private static LoadResult run(LoadSpec spec) throws IOException {
    LoadRun run = new LoadRun(spec, LoadRun.targetOf(spec), LoadObserver.NONE);
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  run.stop();
                  try {
                    main.join(LAST_WORDS_MS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "stop-load"));
    return run.run();
  }
}
