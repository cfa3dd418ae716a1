package io.highwater.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class LogCrcTest {
  private static long crcOf(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return crc.getValue();
  }

  @Property
  void goingOnEqualsReadingTheWhole(@ForAll @Size(max = 5000) byte[] bytes, @ForAll int cut) {
    int at = bytes.length == 0 ? 0 : Math.floorMod(cut, bytes.length);
    LogCrc crc = new LogCrc(crcOf(Arrays.copyOf(bytes, at)));
    int middle = (at + bytes.length) / 2;
    crc.update(ByteBuffer.wrap(bytes, at, middle - at));
    crc.update(ByteBuffer.wrap(bytes, middle, bytes.length - middle));
    assertThat(crc.value()).isEqualTo(crcOf(bytes));
  }

  @Property(tries = 20)
  void whatFollowsTheUnknownIsUnknown(@ForAll byte[] bytes) {
    LogCrc crc = new LogCrc(LogCrc.UNKNOWN);
    crc.update(ByteBuffer.wrap(bytes));
    assertThat(crc.value()).isEqualTo(LogCrc.UNKNOWN);
  }
}
