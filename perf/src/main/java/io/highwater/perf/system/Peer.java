package io.highwater.perf.system;

import java.util.Optional;
import java.util.regex.Pattern;

/** Somebody else's software, resolved and compiled against when it is first asked for. */
final class Peer {
  private final PeerBuild build;
  private String classPath;
  private SystemFailureException failure;

  Peer(PeerBuild build) {
    this.build = build;
  }

  /** A peer of this checkout, by the name of its directory. */
  static Peer of(Checkout checkout, String name) {
    return new Peer(new PeerBuild("mvn", checkout.sourcesOf(name), checkout.outputOf(name)));
  }

  /** Why it cannot be used; empty when it can. */
  Optional<String> skipReason() {
    if (classPath == null && failure == null) {
      try {
        classPath = build.classPath();
      } catch (SystemFailureException e) {
        failure = e;
      }
    }
    return Optional.ofNullable(failure).map(Throwable::getMessage);
  }

  /**
   * Its adaptor's classes and its own.
   *
   * @throws SystemFailureException when it cannot be used
   */
  String classPath() {
    skipReason()
        .ifPresent(
            reason -> {
              throw new SystemFailureException(reason, failure);
            });
    return classPath;
  }

  /** The version in the file name of one of its jars, or "unknown". */
  String versionOf(String artifact) {
    return Pattern.compile("/" + Pattern.quote(artifact) + "-([0-9][^/:]*)\\.jar")
        .matcher(classPath())
        .results()
        .map(found -> found.group(1))
        .findFirst()
        .orElse("unknown");
  }
}
