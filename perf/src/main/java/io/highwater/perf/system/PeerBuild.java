package io.highwater.perf.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.perf.load.LoadTarget;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Resolves a peer by Maven and compiles its adaptor, both again only when something they depend on
 * has changed. The output directory holds {@code classpath} and {@code classes}, each with a {@code
 * .key} beside it that says what it was made from.
 */
final class PeerBuild {
  private static final Duration RESOLVE_TIMEOUT = Duration.ofMinutes(10);

  private final String maven;
  private final Path sources;
  private final Path output;

  /**
   * A build that has not been made.
   *
   * @param maven the program
   * @param sources directory of {@code pom.xml} and {@code java}
   * @param output directory of what is made
   */
  PeerBuild(String maven, Path sources, Path output) {
    this.maven = maven;
    this.sources = sources;
    this.output = output;
  }

  /**
   * Builds what is due.
   *
   * @return the peer's class path with its adaptor's classes first
   * @throws SystemFailureException with the first meaningful line of Maven's or the compiler's
   */
  String classPath() {
    try {
      Files.createDirectories(output);
      String resolved = resolve();
      return compile(resolved) + File.pathSeparator + resolved;
    } catch (IOException e) {
      throw new SystemFailureException("building the adaptor: " + e, e);
    }
  }

  private String resolve() throws IOException {
    Path pom = sources.resolve("pom.xml");
    Path file = output.resolve("classpath");
    String key = digest(Files.readString(pom));
    if (isMade(file, key) && entriesExist(Files.readString(file))) {
      return Files.readString(file);
    }
    forget(file);
    Path log = output.resolve("maven.log");
    int exit =
        run(
            List.of(
                maven,
                "-B",
                "-q",
                "-Dstyle.color=never",
                "-f",
                pom.toString(),
                "validate",
                "-Dpeer.classpath=" + file),
            log);
    if (exit != 0 || !Files.exists(file)) {
      throw new SystemFailureException("not resolved: " + reason(Files.readString(log, UTF_8)));
    }
    made(file, key);
    return Files.readString(file);
  }

  private String compile(String classPath) throws IOException {
    Path classes = output.resolve("classes");
    Path ours = Checkout.codeOf(LoadTarget.class);
    List<Path> files = files(sources.resolve("java"));
    StringBuilder made = new StringBuilder(classPath);
    made.append(Runtime.version()).append(ours).append(Files.getLastModifiedTime(ours));
    for (Path file : files) {
      made.append(file).append(Files.readString(file));
    }
    String key = digest(made.toString());
    if (isMade(classes, key)) {
      return classes.toString();
    }
    forget(classes);
    Files.createDirectories(classes);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new SystemFailureException("the adaptor cannot be compiled: this is not a JDK");
    }
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of(
            // path, classfile: what jars of others say of themselves.
            "-Xlint:all,-processing,-classfile,-path",
            "-Werror",
            "-proc:none",
            "-d",
            classes.toString(),
            "-cp",
            ours + File.pathSeparator + classPath);
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, UTF_8)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  manager,
                  null,
                  options,
                  null,
                  manager.getJavaFileObjectsFromPaths(files))
              .call();
      if (!compiled) {
        throw new SystemFailureException(
            "the adaptor does not compile: " + reason(messages.toString()));
      }
    }
    made(classes, key);
    return classes.toString();
  }

  /** The first line that says something, without Maven's frame. */
  static String reason(String said) {
    return said.lines()
        .map(line -> line.replaceFirst("^\\[(ERROR|FATAL|WARNING)\\]", "").strip())
        .map(line -> line.replaceFirst(" -> \\[Help \\d+\\]$", ""))
        .filter(line -> !line.isEmpty() && !line.startsWith("[INFO]"))
        .filter(line -> !line.equals("Some problems were encountered while processing the POMs:"))
        .findFirst()
        .orElse("it said nothing");
  }

  private int run(List<String> command, Path log) {
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new SystemFailureException("not resolved: Maven does not start: " + e.getMessage(), e);
    }
    try {
      if (!process.waitFor(RESOLVE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        throw new SystemFailureException(
            "not resolved: Maven took longer than " + RESOLVE_TIMEOUT.toMinutes() + " minutes");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SystemFailureException("interrupted while Maven resolved", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static boolean entriesExist(String classPath) {
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(classPath.strip())
        .allMatch(entry -> Files.exists(Path.of(entry)));
  }

  private static boolean isMade(Path what, String key) throws IOException {
    Path file = keyOf(what);
    return Files.exists(what) && Files.exists(file) && Files.readString(file).equals(key);
  }

  private static void made(Path what, String key) throws IOException {
    Files.writeString(keyOf(what), key);
  }

  private static void forget(Path what) throws IOException {
    Files.deleteIfExists(keyOf(what));
    TemporaryDirectory.deleteTree(what);
  }

  private static Path keyOf(Path what) {
    return what.resolveSibling(what.getFileName() + ".key");
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(file -> file.toString().endsWith(".java"))
          .sorted(Comparator.naturalOrder())
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static String digest(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
