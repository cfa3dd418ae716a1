package io.highwater.log.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelFileTest {
  private static final int FILE_BYTES = 500_000;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 131_072, 131_073, 400_000, FILE_BYTES + 10})
  void readIsWholeHoweverLarge(int wanted) throws IOException {
    byte[] content = new byte[FILE_BYTES];
    new Random(5).nextBytes(content);
    try (StorageFile file =
        new FileStorage().open(directory.resolve("file"), Storage.OpenMode.CREATE)) {
      file.writeFully(ByteBuffer.wrap(content), 0);
      for (ByteBuffer into :
          new ByteBuffer[] {
            ByteBuffer.allocate(wanted + 9), ByteBuffer.allocateDirect(wanted + 9)
          }) {
        into.position(7).limit(wanted + 7);

        int read = file.readFully(into, 3);

        int expected = Math.min(wanted, FILE_BYTES - 3);
        assertThat(read).isEqualTo(expected);
        assertThat(into.limit()).isEqualTo(wanted + 7);
        assertThat(into.flip().position(7)).isEqualTo(ByteBuffer.wrap(content, 3, expected));
      }
    }
  }

  @Test
  void aFileRestsOnlyWhenAllWasForced(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("f");
    try (StorageFile file = new FileStorage().open(path, Storage.OpenMode.CREATE)) {
      file.writeFully(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      file.rest();
      Files.delete(path);
      assertThat(file.size()).as("still open").isEqualTo(3);
      file.force();
      file.rest();
      assertThatThrownBy(file::size).isInstanceOf(NoSuchFileException.class);
      Files.write(path, new byte[] {1, 2, 3});
      assertThat(file.size()).as("opened again").isEqualTo(3);
      file.rest();
      file.writeFully(ByteBuffer.wrap(new byte[] {4}), 3);
      file.force();
      file.rest();
      file.force();
      assertThat(Files.readAllBytes(path)).containsExactly(1, 2, 3, 4);
    }
  }

  /** Written by one, put to rest and forced by another: not a byte is lost. */
  @Test
  void writesAndRestsMayMeet(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("f");
    try (StorageFile file = new FileStorage().open(path, Storage.OpenMode.CREATE)) {
      AtomicBoolean done = new AtomicBoolean();
      CompletableFuture<Void> resting =
          CompletableFuture.runAsync(
              () -> {
                try {
                  while (!done.get()) {
                    file.force();
                    file.rest();
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      for (int i = 0; i < 2000; i++) {
        file.writeFully(ByteBuffer.allocate(4).putInt(0, i), 4L * i);
      }
      done.set(true);
      resting.join();
    }
    ByteBuffer written = ByteBuffer.wrap(Files.readAllBytes(path));
    for (int i = 0; i < 2000; i++) {
      assertThat(written.getInt()).isEqualTo(i);
    }
  }
}
