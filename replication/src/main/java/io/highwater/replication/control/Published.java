package io.highwater.replication.control;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A value that changes, and those who hear of every change in order. Thread-safe.
 *
 * @param <T> immutable
 */
public final class Published<T> {
  private final List<Consumer<T>> listeners = new ArrayList<>();
  private volatile T value;

  /** Starts with a value. */
  public Published(T first) {
    value = first;
  }

  /** The present value. */
  public T get() {
    return value;
  }

  /** Calls the listener with the present value, then with every later one. */
  public synchronized void follow(Consumer<T> listener) {
    listener.accept(value);
    listeners.add(listener);
  }

  /** Changes the value; nobody is called when it stays equal. */
  public synchronized void update(UnaryOperator<T> change) {
    T next = change.apply(value);
    if (!next.equals(value)) {
      value = next;
      listeners.forEach(listener -> listener.accept(next));
    }
  }
}
