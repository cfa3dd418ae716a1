package io.highwater.log.flush;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.log.PartitionLog;
import io.highwater.log.io.SimStorage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
  private final ArrayDeque<Runnable> loop = new ArrayDeque<>();
  private final ArrayDeque<Runnable> disk = new ArrayDeque<>();
  private final List<String> heard = new ArrayList<>();
  private final GroupCommit group = new GroupCommit(loop::add, disk::add);

  private final class Waiter extends GroupCommit.Member {
    private final String name;
    private final LogFixture fixture = new LogFixture().open();

    Waiter(String name) {
      this.name = name;
    }

    void append() {
      fixture.append(Batches.of(1, name));
      group.request(this);
    }

    @Override
    protected PartitionLog log() {
      return fixture.log;
    }

    @Override
    protected void flushed() {
      heard.add(name + " to " + fixture.log.flushedOffset());
    }

    @Override
    protected void failed(HighwaterException failure) {
      heard.add(name + " " + failure.code());
    }
  }

  private static void run(ArrayDeque<Runnable> tasks) {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  @Test
  void allThatIsAppendedInATurnSharesAFlush() {
    Waiter a = new Waiter("a");
    Waiter b = new Waiter("b");
    a.append();
    a.append();
    b.append();
    assertThat(disk).as("before the turn ends").isEmpty();

    run(loop);
    run(disk);
    run(loop);

    assertThat(heard).containsExactly("a to 2", "b to 1");
  }

  @Test
  void whatComesWhileAGroupIsUnderWayIsTheNext() {
    Waiter a = new Waiter("a");
    Waiter b = new Waiter("b");
    a.append();
    run(loop);
    assertThat(disk).hasSize(1);
    b.append();
    a.append();
    run(loop);
    assertThat(disk).as("one group at a time").hasSize(1);

    run(disk);
    assertThat(heard).isEmpty();
    run(loop);
    assertThat(heard).containsExactly("a to 2");
    assertThat(disk).hasSize(2);
    run(disk);
    run(loop);

    assertThat(heard).containsExactly("a to 2", "b to 1", "a to 2");
  }

  @Test
  void aFailedFlushIsFinalForTheDirectory() {
    Waiter a = new Waiter("a");
    a.fixture.storage.failNext(
        SimStorage.Operation.FORCE,
        file -> file.toString().endsWith(".log"),
        new IOException("the disk is gone"));
    a.append();
    run(loop);
    run(disk);
    run(loop);
    group.request(a);
    run(loop);
    run(disk);
    run(loop);

    assertThat(heard)
        .containsExactly("a " + ErrorCode.KAFKA_STORAGE_ERROR, "a KAFKA_STORAGE_ERROR");
    assertThat(a.fixture.log.flushedOffset()).isZero();
    assertThat(a.fixture.health.isOffline()).isTrue();
  }
}
