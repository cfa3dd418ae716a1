package io.highwater.server;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * SIGTERM and SIGINT: the first asks the broker to stop, a second one ends the process at once. The
 * JVM's own shutdown hooks know neither a second signal nor an exit code of 0.
 */
public final class StopSignals {
  private static final int EXIT_CODE_OF_SECOND = 130;

  private StopSignals() {}

  /**
   * Takes the signals over.
   *
   * @param onFirst run once, on a thread of its own
   */
  public static void install(Runnable onFirst) {
    AtomicBoolean seen = new AtomicBoolean();
    Runnable onSignal =
        () -> {
          if (seen.compareAndSet(false, true)) {
            Thread stopping = new Thread(onFirst, "highwater-stop");
            stopping.start();
          } else {
            Runtime.getRuntime().halt(EXIT_CODE_OF_SECOND);
          }
        };
    handle("TERM", onSignal);
    handle("INT", onSignal);
  }

  /** By reflection, because the compiler warns of this class and offers no other. */
  private static void handle(String name, Runnable onSignal) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, args) -> {
                onSignal.run();
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | IllegalAccessException
        | InstantiationException
        | InvocationTargetException e) {
      throw new IllegalStateException("this JVM lets nobody handle SIG" + name, e);
    }
  }
}
