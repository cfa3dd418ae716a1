package io.highwater.log.io;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;

/** Lets a test do something in the middle of a call: right after the storage did its part of it. */
public final class StorageHook {
  /** What is done; an exception is thrown to the storage's caller. */
  @FunctionalInterface
  public interface Action {
    void run() throws IOException;
  }

  private final String method;
  private Action action;

  private StorageHook(String method) {
    this.method = method;
  }

  /** A hook after the files' method of that name; it does nothing until {@link #once}. */
  public static StorageHook after(String method) {
    return new StorageHook(method);
  }

  /** The same storage with this hook. */
  public Storage on(Storage real) {
    return proxy(Storage.class, real);
  }

  /** Does {@code next} after the next call. */
  public void once(Action next) {
    action = next;
  }

  private <T> T proxy(Class<T> type, T real) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, called, arguments) -> call(real, called, arguments)));
  }

  private Object call(Object real, Method called, Object[] arguments) throws Throwable {
    Object result;
    try {
      result = called.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    if (called.getName().equals("open") && ((Path) arguments[0]).toString().endsWith(".log")) {
      return proxy(StorageFile.class, (StorageFile) result);
    }
    if (real instanceof StorageFile && called.getName().equals(method) && action != null) {
      Action once = action;
      action = null;
      once.run();
    }
    return result;
  }
}
