package io.highwater.perf.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maven is a script that says what Maven said, so that nothing needs a network. */
class PeerBuildTest {
  private static final String ADAPTOR =
      "package peer; public final class Adaptor { %s private Adaptor() {} }";

  @TempDir Path scratch;
  private Path sources;
  private Path jar;
  private Path adaptor;

  @BeforeEach
  void writeAPeer() throws IOException {
    sources = Files.createDirectories(scratch.resolve("peer"));
    jar = scratch.resolve("peer-1.2.jar");
    new JarOutputStream(Files.newOutputStream(jar), new Manifest()).close();
    adaptor = Files.createDirectories(sources.resolve("java/peer")).resolve("Adaptor.java");
    Files.writeString(sources.resolve("pom.xml"), "<project/>");
    Files.writeString(adaptor, ADAPTOR.formatted(""));
  }

  @Test
  void classPathIsTheAdaptorsClassesAndWhatMavenFound() throws IOException {
    Peer peer = peer(mavenThatFinds(jar));

    assertThat(peer.skipReason()).isEmpty();
    assertThat(peer.classPath()).isEqualTo(output().resolve("classes") + File.pathSeparator + jar);
    assertThat(output().resolve("classes/peer/Adaptor.class")).exists();
    assertThat(peer.versionOf("peer")).isEqualTo("1.2");
  }

  @Test
  void mavenIsAskedAgainOnlyWhenThePomHasChanged() throws IOException {
    Path maven = mavenThatFinds(jar);
    peer(maven).classPath();
    peer(maven).classPath();
    assertThat(timesAsked()).isEqualTo(1);

    Files.writeString(sources.resolve("pom.xml"), "<project><!-- newer --></project>");
    peer(maven).classPath();
    assertThat(timesAsked()).isEqualTo(2);
  }

  @Test
  void mavenIsAskedAgainWhenWhatItFoundIsGone() throws IOException {
    Path maven = mavenThatFinds(jar);
    peer(maven).classPath();

    Files.delete(jar);
    peer(maven).classPath();

    assertThat(timesAsked()).isEqualTo(2);
  }

  @Test
  void adaptorIsCompiledAgainWhenItHasChanged() throws IOException {
    Path maven = mavenThatFinds(jar);
    peer(maven).classPath();
    Path compiled = output().resolve("classes/peer/Adaptor.class");
    byte[] before = Files.readAllBytes(compiled);

    Files.writeString(adaptor, ADAPTOR.formatted("public static final int MORE = 1;"));
    peer(maven).classPath();

    assertThat(Files.readAllBytes(compiled)).isNotEqualTo(before);
    assertThat(timesAsked()).isEqualTo(1);
  }

  @Test
  void whatMavenCannotResolveIsSkippedWithItsFirstMeaningfulLine() throws IOException {
    Path maven =
        script(
            "echo",
            "echo '[ERROR] Failed to resolve peer:peer:jar:9 -> [Help 1]'",
            "echo '[ERROR] For more information'",
            "exit 1");

    assertThat(peer(maven).skipReason())
        .contains("not resolved: Failed to resolve peer:peer:jar:9");
  }

  @Test
  void withoutMavenItIsSkipped() {
    assertThat(peer(scratch.resolve("no-such-mvn")).skipReason())
        .get()
        .asString()
        .startsWith("not resolved: Maven does not start");
  }

  @Test
  void anAdaptorThatDoesNotCompileIsSkippedWithTheCompilersFirstLine() throws IOException {
    Files.writeString(adaptor, ADAPTOR.formatted("int x = nothing;"));

    assertThat(peer(mavenThatFinds(jar)).skipReason())
        .get()
        .asString()
        .startsWith("the adaptor does not compile: ")
        .endsWith("Adaptor.java:1: error: cannot find symbol");
    assertThat(peer(mavenThatFinds(jar)).skipReason()).as("not cached").isPresent();
  }

  private Peer peer(Path maven) {
    return new Peer(new PeerBuild(maven.toString(), sources, output()));
  }

  private Path output() {
    return scratch.resolve("output");
  }

  private Path mavenThatFinds(Path found) throws IOException {
    return script(
        "echo asked >> " + scratch.resolve("asked"),
        "for argument; do case $argument in -Dpeer.classpath=*)"
            + " printf %s "
            + found
            + " > \"${argument#*=}\" ;; esac; done");
  }

  private long timesAsked() throws IOException {
    return Files.readAllLines(scratch.resolve("asked")).size();
  }

  private Path script(String... lines) throws IOException {
    Path script = scratch.resolve("mvn");
    Files.writeString(script, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script;
  }
}
