package io.highwater.client.cli;

/** Something to be done when the process is told to end (SIGINT, SIGTERM) before it is closed. */
public final class ShutdownHook implements AutoCloseable {
  private final Thread thread;

  private ShutdownHook(Thread thread) {
    this.thread = thread;
  }

  /**
   * Registers an action.
   *
   * @param action runs on a thread of its own; the process ends when it returns
   */
  public static ShutdownHook of(String name, Runnable action) {
    ShutdownHook hook = new ShutdownHook(new Thread(action, name));
    Runtime.getRuntime().addShutdownHook(hook.thread);
    return hook;
  }

  /** Takes the action back; without effect once the process is ending. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(thread);
    } catch (IllegalStateException ending) {
      // The JVM says only in this way that it is ending; the hook is running then.
      return;
    }
  }
}
