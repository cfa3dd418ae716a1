package io.highwater.client.producer;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The producer's memory as an account: bytes are reserved before a batch is opened and released
 * when it has ended. Waiters are served in their order. From any thread.
 *
 * <p>A producer faster than its brokers finds the pool empty all the time. Its threads are not
 * woken for each batch that ends, which costs more than filling one, but once for many.
 */
final class BufferPool {
  /** What must be free for a waiter to be woken, as a part of the capacity. */
  private static final int WAKING_PART = 8;

  /** How long a waiter sleeps though there is enough for it, where brokers release too little. */
  private static final long MAX_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final long capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Condition> waiters = new ArrayDeque<>();
  private long free;
  private boolean closed;

  /**
   * @param capacity bytes in all
   */
  BufferPool(long capacity) {
    this.capacity = capacity;
    this.free = capacity;
  }

  /** Bytes in all. */
  long capacity() {
    return capacity;
  }

  /** Reserves unless it would have to wait. */
  boolean tryReserve(long bytes) {
    lock.lock();
    try {
      if (closed || !waiters.isEmpty() || free < bytes) {
        return false;
      }
      free -= bytes;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reserves, waiting for others to release.
   *
   * @param bytes at most the capacity
   * @return false when the time is over or the pool was closed
   */
  boolean reserve(long bytes, long maxBlockNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Condition turn = lock.newCondition();
      waiters.addLast(turn);
      long remainingNanos = maxBlockNanos;
      try {
        while (!closed && (waiters.peekFirst() != turn || free < bytes)) {
          if (remainingNanos <= 0) {
            return false;
          }
          long sleepNanos = Math.min(remainingNanos, MAX_SLEEP_NANOS);
          remainingNanos -= sleepNanos - turn.awaitNanos(sleepNanos);
        }
        if (closed) {
          return false;
        }
        free -= bytes;
        return true;
      } finally {
        waiters.remove(turn);
        signalFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives back what was reserved. */
  void release(long bytes) {
    lock.lock();
    try {
      free += bytes;
      if (free >= capacity / WAKING_PART) {
        signalFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether somebody waits. */
  boolean isExhausted() {
    lock.lock();
    try {
      return !waiters.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Sends all waiters away. */
  void close() {
    lock.lock();
    try {
      closed = true;
      for (Condition turn : waiters) {
        turn.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void signalFirst() {
    Condition first = waiters.peekFirst();
    if (first != null) {
      first.signal();
    }
  }
}
