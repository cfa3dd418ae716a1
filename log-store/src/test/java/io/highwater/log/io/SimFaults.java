package io.highwater.log.io;

import io.highwater.log.io.SimStorage.Crashed;
import io.highwater.log.io.SimStorage.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What is to go wrong in a simulated storage, and when. Under the storage's monitor. */
final class SimFaults {
  /**
   * Strikes once.
   *
   * @param keep of a write, how many of its bytes are written all the same
   */
  record Fault(Operation operation, Predicate<Path> where, IOException error, int keep) {}

  private final List<Fault> faults = new ArrayList<>();
  private Predicate<Path> broken = path -> false;
  private IOException whyBroken;
  private long operations;
  private long crashAt = Long.MAX_VALUE;

  void add(Fault fault) {
    faults.add(fault);
  }

  /** Everything on matching paths fails from now on. */
  void failAll(Predicate<Path> where, IOException error) {
    Predicate<Path> before = broken;
    broken = path -> before.test(path) || where.test(path);
    whyBroken = error;
  }

  /** Fails where everything does. */
  void check(Path path) throws IOException {
    if (broken.test(path)) {
      throw whyBroken;
    }
  }

  /** Those that have not struck yet never will, and nothing fails any more. */
  void heal() {
    faults.clear();
    broken = path -> false;
  }

  /** Changes made so far. */
  long operations() {
    return operations;
  }

  /** Every change fails from the {@code count}-th from now on. */
  void crashAfter(long count) {
    crashAt = operations + count;
  }

  /** After a crash nothing of before strikes any more, but what is broken stays so. */
  void restart() {
    faults.clear();
    crashAt = Long.MAX_VALUE;
  }

  /** A change is made. */
  void count() throws Crashed {
    if (++operations > crashAt) {
      throw new Crashed();
    }
  }

  /** A change is made, wholly or not at all. */
  void change(Operation operation, Path path) throws IOException {
    count();
    Fault fault = take(operation, path);
    if (fault != null) {
      throw fault.error();
    }
  }

  /** The fault that strikes now, or null. */
  Fault take(Operation operation, Path path) {
    if (broken.test(path)) {
      return new Fault(operation, broken, whyBroken, 0);
    }
    for (Fault fault : faults) {
      if (fault.operation() == operation && fault.where().test(path)) {
        faults.remove(fault);
        return fault;
      }
    }
    return null;
  }
}
