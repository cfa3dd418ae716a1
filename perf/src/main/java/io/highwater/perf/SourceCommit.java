package io.highwater.perf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Which commit of the sources runs, so that a figure can be found again. */
public final class SourceCommit {
  /** What is said when nobody knows. */
  public static final String UNKNOWN = "unknown";

  private static final long PATIENCE_SECONDS = 5;

  private SourceCommit() {}

  /**
   * The commit of the checkout in which these classes were built, as Git names it: {@code -dirty}
   * follows when something in it has changed since. {@link #UNKNOWN} outside of a checkout.
   */
  public static String ofThisBuild() {
    try {
      Path built =
          Path.of(SourceCommit.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
              .directory(built.getParent().toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!git.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        git.destroyForcibly();
        return UNKNOWN;
      }
      String commit = new String(git.getInputStream().readAllBytes(), UTF_8).strip();
      return git.exitValue() == 0 && !commit.isEmpty() ? commit : UNKNOWN;
    } catch (IOException | URISyntaxException noGit) {
      return UNKNOWN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return UNKNOWN;
    }
  }
}
