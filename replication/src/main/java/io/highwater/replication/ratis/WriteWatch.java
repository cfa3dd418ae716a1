package io.highwater.replication.ratis;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that a member's disk is full, and that it has to begin again once there is room. */
final class WriteWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WriteWatch.class);
  private static final long LOOK_MS = 250;
  private static final long PATIENCE_MS = 2_000;

  private final RaftServer.Division member;
  private final QuorumStorage storage;
  private final FlushWatch flushes;
  private final NanoClock clock;
  private final Consumer<HighwaterException> onRoom;
  private final WriteStall stall = new WriteStall(PATIENCE_MS);
  private final Repeating looks =
      new Repeating("the look at whether this controller can write", LOOK_MS, this::look);
  private boolean told;

  /**
   * @param flushes tells for how long entries wait for the disk
   * @param onRoom hears once, with STORAGE_FULL, when the member writes no more though it could
   */
  WriteWatch(
      RaftServer.Division member,
      QuorumStorage storage,
      FlushWatch flushes,
      NanoClock clock,
      Consumer<HighwaterException> onRoom) {
    this.member = member;
    this.storage = storage;
    this.flushes = flushes;
    this.clock = clock;
    this.onRoom = onRoom;
  }

  void start() {
    looks.start();
  }

  private void look() {
    if (member.getInfo().getLifeCycleState().isClosingOrClosed()) {
      close();
      return;
    }
    try {
      long free = storage.freeBytes();
      WriteStall.Verdict verdict =
          stall.look(
              member.getInfo().getCurrentTerm(),
              member.getRaftStorage().getMetadataFile().getMetadata().getTerm(),
              flushes.unflushedMs(),
              free < QuorumStorage.MIN_FREE_BYTES,
              TimeUnit.NANOSECONDS.toMillis(clock.nanoTime()));
      act(verdict, free);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void act(WriteStall.Verdict verdict, long free) {
    if (verdict == WriteStall.Verdict.NONE) {
      told = false;
    } else if (verdict == WriteStall.Verdict.OVER) {
      close();
      onRoom.accept(
          new HighwaterException(
              ErrorCode.STORAGE_FULL,
              "the disk of " + storage.root() + " was full, and has room again"));
    } else if (!told) {
      told = true;
      LOG.error(
          "the disk of {} is full, {} bytes are free: this controller can write neither votes nor"
              + " metadata. Make room for {} bytes, more for records; it goes on by itself then",
          storage.root(),
          free,
          QuorumStorage.MIN_FREE_BYTES);
    }
  }

  @Override
  public void close() {
    looks.close();
  }
}
