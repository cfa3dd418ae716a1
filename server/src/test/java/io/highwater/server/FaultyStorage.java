package io.highwater.server;

import io.highwater.log.io.FileStorage;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** The file system, until a test asks for a fault. Any thread. */
final class FaultyStorage {
  private static final long PATIENCE_SECONDS = 30;
  private final Storage real = new FileStorage();
  private volatile Predicate<Path> unforceable = FaultyStorage::never;
  private volatile long freeBytes = 1L << 40;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile CountDownLatch logsHeld;
  private volatile CountDownLatch writesHeld;

  private static boolean never(Path file) {
    return false;
  }

  /** From now on an fsync of these files fails. */
  void failForce(Predicate<Path> files) {
    unforceable = files;
  }

  /** No fault any more. */
  void heal() {
    unforceable = FaultyStorage::never;
  }

  /** From now on so much seems to be free. */
  void free(long bytes) {
    freeBytes = bytes;
  }

  /** Whoever opens or creates the log of a segment waits until the latch is down. */
  void holdLogs(CountDownLatch until) {
    logsHeld = until;
  }

  /** From now on a write to any file waits until the latch is down, as on a disk that hangs. */
  void hang(CountDownLatch until) {
    writesHeld = until;
  }

  /** How many wait there. */
  int waiting() {
    return waiting.get();
  }

  Storage storage() {
    return proxy(Storage.class, real, null);
  }

  private <T> T proxy(Class<T> type, T target, Path file) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              before(method.getName(), file, arguments);
              Object result;
              try {
                result = method.invoke(target, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              return switch (method.getName()) {
                case "open" -> proxy(StorageFile.class, (StorageFile) result, (Path) arguments[0]);
                case "space" -> new Storage.Space(1L << 41, freeBytes);
                default -> result;
              };
            }));
  }

  private void before(String call, Path file, Object[] arguments) throws IOException {
    if (call.equals("force") && unforceable.test(file)) {
      throw new IOException("injected: " + file + " does not reach the disk");
    }
    CountDownLatch logs = logsHeld;
    CountDownLatch writes = writesHeld;
    if (call.equals("open") && logs != null && arguments[0].toString().endsWith(".log")) {
      await(logs);
    } else if (call.startsWith("write") && writes != null) {
      await(writes);
    }
  }

  private void await(CountDownLatch held) throws IOException {
    waiting.incrementAndGet();
    try {
      if (!held.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("held for too long");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      waiting.decrementAndGet();
    }
  }
}
