package io.highwater.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FaultTextTest {
  @Test
  void whatJavaSaysByAClassIsSaidInWords() {
    assertThat(FaultText.of(new NoSuchFileException("/d/x")))
        .isEqualTo("/d/x: no such file or directory");
    assertThat(FaultText.of(new UncheckedIOException(new AccessDeniedException("/d"))))
        .isEqualTo("/d: permission denied");
  }

  @Test
  void whatSaysEnoughIsLeftAsItIs() {
    assertThat(FaultText.of(new IOException("Input/output error"))).isEqualTo("Input/output error");
    assertThat(FaultText.of(new FileSystemException("/d/x", null, "Too many links")))
        .isEqualTo("/d/x: Too many links");
  }

  @Test
  void whatIsUnforeseenOrSaysNothingIsNamed() {
    assertThat(FaultText.of(new ClosedChannelException())).contains("ClosedChannelException");
    assertThat(FaultText.of(new IllegalStateException("x"))).contains("IllegalStateException: x");
  }
}
