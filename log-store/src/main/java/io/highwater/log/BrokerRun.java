package io.highwater.log;

import io.highwater.log.checkpoint.RunMarker;
import io.highwater.log.io.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one log directory knows of the broker's process before this one, and keeps for the one after
 * it: whether it was only killed, so that all is there that it wrote (REC-8). In doubt it was not:
 * nothing is kept before every log of the directory was opened once after what may have been a
 * power loss, nor after the disk failed. Any thread that may wait for the disk.
 */
final class BrokerRun {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerRun.class);

  /** Whether every log that is there was opened. */
  interface AllOpen {
    boolean get() throws IOException;
  }

  private final Storage storage;
  private final Path root;
  private final OptionalLong killedEpoch;
  private RunMarker owed;
  private boolean failed;

  private BrokerRun(Storage storage, Path root, OptionalLong killedEpoch) {
    this.storage = storage;
    this.root = root;
    this.killedEpoch = killedEpoch;
  }

  /** Reads what the process before left. */
  static BrokerRun after(Storage storage, Path root) throws IOException {
    Optional<RunMarker> found = RunMarker.read(storage, root);
    Optional<String> now = storage.machineRun();
    boolean wentOn = found.isPresent() && now.equals(Optional.of(found.get().machineRun()));
    return new BrokerRun(
        storage, root, wentOn ? OptionalLong.of(found.get().brokerEpoch()) : OptionalLong.empty());
  }

  /** Under which broker epoch the process before was killed; empty when it may be otherwise. */
  OptionalLong killedEpoch() {
    return killedEpoch;
  }

  /** The broker has an epoch. It is written down now, or when {@link #opened} finds it is time. */
  synchronized void registered(long brokerEpoch, boolean sound) throws IOException {
    Optional<String> machineRun = storage.machineRun();
    if (machineRun.isPresent() && !failed) {
      owed = new RunMarker(brokerEpoch, machineRun.get());
      if (sound) {
        write();
      }
    }
  }

  /** Writes down what is owed once all logs were opened. */
  synchronized void opened(AllOpen all) throws IOException {
    if (owed != null && all.get()) {
      write();
    }
  }

  private void write() throws IOException {
    owed.write(storage, root);
    owed = null;
  }

  /** Not all is there any more that the process before wrote; durable on return. */
  synchronized void outdate() throws IOException {
    if (storage.exists(root.resolve(RunMarker.FILE_NAME))) {
      storage.deleteIfExists(root.resolve(RunMarker.FILE_NAME));
      storage.syncDirectory(root);
    }
  }

  /** The disk failed: what the kernel still had to write may be gone. As far as it can be told. */
  synchronized void forget() {
    if (failed) {
      return;
    }
    failed = true;
    owed = null;
    try {
      storage.deleteIfExists(root.resolve(RunMarker.FILE_NAME));
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted", root.resolve(RunMarker.FILE_NAME), e);
    }
  }
}
