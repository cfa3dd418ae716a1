package io.highwater.log.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.io.SimStorage;
import io.highwater.log.io.Storage.OpenMode;
import io.highwater.log.io.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PatientFileTest {
  private static final Path FILE = Path.of("/data/file");
  private static final int BAD = 13_000;

  /** A disk with one byte that it does not give. */
  private record BadDisk(StorageFile file) implements StorageFile {
    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      if (position <= BAD && BAD < position + into.remaining()) {
        throw new IOException("Input/output error");
      }
      return file.read(into, position);
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
      return file.write(from, position);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public void force() throws IOException {
      file.force();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Test
  void whatTheDiskDoesNotGiveIsZerosForTheBlockAroundItAlone() throws IOException {
    byte[] bytes = new byte[40_001];
    new Random(1).nextBytes(bytes);
    SimStorage storage = new SimStorage();
    storage.replace(FILE, bytes);
    byte[] expected = bytes.clone();
    Arrays.fill(expected, 12_288, 16_384, (byte) 0);
    try (PatientFile file = new PatientFile(new BadDisk(storage.open(FILE, OpenMode.READ)))) {
      ByteBuffer read = ByteBuffer.allocate(50_000);

      assertThat(file.readFully(read, 0)).isEqualTo(bytes.length);

      assertThat(Arrays.copyOf(read.array(), bytes.length)).isEqualTo(expected);
      assertThat(file.takeFailure()).contains("Input/output error");
      assertThat(file.takeFailure()).isNull();
      assertThat(file.read(ByteBuffer.allocate(10), 20_000)).isEqualTo(10);
      assertThat(file.takeFailure()).isNull();
    }
  }
}
