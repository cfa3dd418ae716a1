package io.highwater.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the launcher starts the JVM with: a copy of it, in a build that is none, with a fake JDK.
 */
class LauncherTest {
  @TempDir Path home;

  @BeforeEach
  void build() throws IOException {
    Files.copy(Path.of("../highwater"), home.resolve("highwater"));
    write("pom.xml", "");
    write("server/pom.xml", "");
    write("server/src/main/nothing", "");
    write("jdk/release", "JAVA_RUNTIME_VERSION=\"17.0.1\"\n");
    write("jdk/bin/java", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    assertThat(home.resolve("jdk/bin/java").toFile().setExecutable(true)).isTrue();
    write("server/target/highwater-server-1.jar", "");
    write("server/target/launch/classpath", "lib/a.jar\n");
    write("server/target/launch/build", "1\n\n");
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(home.resolve(file).getParent());
    Files.writeString(home.resolve(file), text);
  }

  private List<String> flags(String options) throws IOException {
    ProcessBuilder launcher =
        new ProcessBuilder("bash", home.resolve("highwater").toString(), "broker");
    launcher.environment().put("JAVA_HOME", home.resolve("jdk").toString());
    launcher.environment().put("HIGHWATER_JAVA_OPTS", options);
    Process process = launcher.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var output = process.inputReader()) {
      return output.lines().toList();
    }
  }

  @Test
  void theLauncherChoosesTheHeap() throws IOException {
    assertThat(flags("-Da=b")).contains("-Xms64m", "-Xmx512m", "-Da=b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Xmx48m", "-Da=b -XX:MaxHeapSize=48m", "-Xms8m"})
  void aHeapOfTheUsersChoiceBeginsAsTheUserOrTheJvmSays(String options) throws IOException {
    assertThat(flags(options)).contains(options.split(" ")).doesNotContain("-Xms64m");
  }
}
