package io.highwater.log.embed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in the README compiles and does what it says. */
class ReadmeExampleTest {
  @TempDir Path scratch;

  @Test
  void theExampleInTheReadmeRuns() throws Exception {
    Matcher example =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")));
    assertThat(example.find()).isTrue();
    Path source = Files.writeString(scratch.resolve("Example.java"), example.group(1));
    ByteArrayOutputStream problems = new ByteArrayOutputStream();
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                problems,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                source.toString());
    assertThat(failed).as(problems.toString(StandardCharsets.UTF_8)).isZero();

    assertThat(run()).isEqualTo("0 hello\n");
    assertThat(run()).isEqualTo("0 hello\n");
    try (EmbeddedLog log = EmbeddedLog.open(scratch.resolve("log"), () -> 1)) {
      assertThat(log.log().logEndOffset()).isEqualTo(2);
      assertThat(log.log().highWatermark()).isEqualTo(2);
      assertThat(log.log().recovery().clean()).isTrue();
    }
  }

  private String run() throws Exception {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (URLClassLoader classes =
        new URLClassLoader(new URL[] {scratch.toUri().toURL()}, getClass().getClassLoader())) {
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      classes
          .loadClass("Example")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {scratch.resolve("log").toString()});
    } finally {
      System.setOut(before);
    }
    return output.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
