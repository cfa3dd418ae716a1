package io.highwater.log.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file behind a {@link FileChannel}. An interrupt of any thread inside a channel closes it for
 * all; this class opens it again, so that only the interrupted thread sees an error. The same lets
 * it close the channel of an idle file. One writer at a time.
 */
final class ChannelFile implements StorageFile {
  /**
   * The JDK fills heap buffers through one of its own outside the heap, of the same size: both stay
   * in the processor's cache when they are small.
   */
  private static final int HEAP_READ_BYTES = 128 * 1024;

  private final Path path;
  private final boolean writable;
  private final ReentrantLock sync = new ReentrantLock();

  /**
   * Held while an idle channel is closed: its holder looks at {@code writing}, the writer at it.
   */
  private final ReentrantLock closing = new ReentrantLock();

  private volatile FileChannel channel;
  private volatile boolean closed;
  private volatile boolean writing;

  /** Written and not forced. */
  private volatile boolean dirty;

  ChannelFile(Path path, Storage.OpenMode mode) throws IOException {
    this.path = path;
    this.writable = mode != Storage.OpenMode.READ;
    try {
      this.channel = FileChannel.open(path, options(mode));
    } catch (IOException e) { // Of no kind of its own, for a link.
      throw Files.isSymbolicLink(path) ? new LinkedFileException(path) : e;
    }
  }

  private static Set<OpenOption> options(Storage.OpenMode mode) {
    // STO-12: a link may lead out of the data directory.
    Set<OpenOption> options =
        new HashSet<>(Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    if (mode != Storage.OpenMode.READ) {
      options.add(StandardOpenOption.WRITE);
    }
    if (mode == Storage.OpenMode.CREATE) {
      options.add(StandardOpenOption.CREATE_NEW);
    } else if (mode == Storage.OpenMode.CREATE_OR_WRITE) {
      options.add(StandardOpenOption.CREATE);
    }
    return options;
  }

  @FunctionalInterface
  private interface ChannelCall {
    long on(FileChannel channel) throws IOException;
  }

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    if (into.isDirect() || into.remaining() <= HEAP_READ_BYTES) {
      return (int) call(open -> open.read(into, position));
    }
    int limit = into.limit();
    into.limit(into.position() + HEAP_READ_BYTES);
    try {
      return (int) call(open -> open.read(into, position));
    } finally {
      into.limit(limit);
    }
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    beginWrite();
    try {
      return (int) call(open -> open.write(from, position));
    } finally {
      endWrite();
    }
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    return call(open -> open.transferTo(position, count, target));
  }

  @Override
  public long size() throws IOException {
    return call(FileChannel::size);
  }

  @Override
  public void truncate(long size) throws IOException {
    beginWrite();
    try {
      call(open -> open.truncate(size).size());
    } finally {
      endWrite();
    }
  }

  private void beginWrite() {
    writing = true;
    if (closing.isLocked()) {
      closing.lock(); // For as long as closing a descriptor takes.
      try {
        writing = true;
      } finally {
        closing.unlock();
      }
    }
  }

  private void endWrite() {
    dirty = true;
    writing = false;
  }

  @Override
  public void force() throws IOException {
    sync.lock();
    try {
      FileChannel open = channel;
      if (!dirty && !open.isOpen()) {
        open = reopened(open); // It rests; what there is to force is of before it was opened.
      }
      dirty = false; // What is written from here on makes it so again.
      // Never reopened and retried: a descriptor opened afterwards would not see the lost error.
      open.force(false);
    } catch (IOException e) {
      throw FileStorage.classified(e);
    } finally {
      sync.unlock();
    }
  }

  @Override
  public void rest() throws IOException {
    if (!sync.tryLock()) {
      return;
    }
    closing.lock();
    try {
      // In this order: a write that ends in between leaves it dirty.
      if (!writing && !dirty) {
        channel.close();
      }
    } finally {
      closing.unlock();
      sync.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    channel.close();
  }

  private long call(ChannelCall call) throws IOException {
    FileChannel open = channel;
    while (true) {
      try {
        return call.on(open);
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (ClosedChannelException e) {
        if (closed) {
          throw e;
        }
        open = reopened(open);
      } catch (IOException e) {
        throw FileStorage.classified(e);
      }
    }
  }

  private synchronized FileChannel reopened(FileChannel broken) throws IOException {
    if (channel == broken) {
      Storage.OpenMode mode = writable ? Storage.OpenMode.WRITE : Storage.OpenMode.READ;
      channel = FileChannel.open(path, options(mode));
    }
    return channel;
  }
}
