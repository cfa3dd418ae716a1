package io.highwater.perf.system;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The checkout that this build came from: its launcher, the peers' sources, and room for what is
 * built from them.
 *
 * @param home its root
 */
public record Checkout(Path home) {
  /**
   * Finds it above the classes that run.
   *
   * @throws IllegalStateException when they do not lie in a checkout
   */
  public static Checkout ofThisBuild() {
    Path classes = codeOf(Checkout.class);
    for (Path at = classes; at != null; at = at.getParent()) {
      Checkout checkout = new Checkout(at);
      if (Files.isExecutable(checkout.launcher()) && Files.isDirectory(checkout.peers())) {
        return checkout;
      }
    }
    throw new IllegalStateException(classes + " does not lie in a checkout of Highwater");
  }

  /** The jar or directory that a class was loaded from. */
  static Path codeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(type + " comes from no file", e);
    }
  }

  Path launcher() {
    return home.resolve("highwater");
  }

  /** Where a peer's pom.xml and java directory are. */
  Path sourcesOf(String peer) {
    return peers().resolve(peer);
  }

  /** Where what is built of a peer goes. */
  Path outputOf(String peer) {
    return home.resolve("perf/target/peers").resolve(peer);
  }

  private Path peers() {
    return home.resolve("perf/src/peers");
  }
}
