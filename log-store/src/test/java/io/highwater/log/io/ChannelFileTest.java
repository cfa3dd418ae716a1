package io.highwater.log.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
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
}
