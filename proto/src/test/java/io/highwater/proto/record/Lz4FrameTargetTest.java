package io.highwater.proto.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Lz4FrameTargetTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 65_535, 65_536, 65_537, 300_000})
  void framesAreThoseOfTheReferenceWriter(int length) throws IOException {
    byte[] source = new byte[length + 7];
    // Blocks of noise are stored, the others compressed.
    new Random(length).nextBytes(source);
    Arrays.fill(source, 0, Math.min(length, 100_000) / 2, (byte) 'a');
    DeflatedBytes frame = new DeflatedBytes(16);
    frame.write(9);

    Lz4FrameTarget.deflate(source, 7, length, frame);

    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.write(9);
    try (LZ4FrameOutputStream reference =
        new LZ4FrameOutputStream(expected, BLOCKSIZE.SIZE_64KB, FLG.Bits.BLOCK_INDEPENDENCE)) {
      reference.write(source, 7, length);
    }
    assertThat(frame.toByteArray()).isEqualTo(expected.toByteArray());
  }
}
