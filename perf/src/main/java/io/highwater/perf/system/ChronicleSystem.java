package io.highwater.perf.system;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Chronicle Queue in the client's process. */
public final class ChronicleSystem implements ComparedSystem {
  /** What its makers ask for on Java 17, and nothing told to anybody. */
  private static final List<String> FLAGS =
      List.of(
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
          "--add-opens=jdk.compiler/com.sun.tools.javac=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
          "--add-opens=java.base/java.io=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "-Dchronicle.analytics.disable=true",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

  private final Peer peer;

  /** Chronicle Queue as the checkout's pom names it. */
  public ChronicleSystem(Checkout checkout) {
    this.peer = Peer.of(checkout, "chronicle");
  }

  @Override
  public String name() {
    return "chronicle";
  }

  @Override
  public boolean supports(Topology topology) {
    return topology == Topology.EMBEDDED;
  }

  @Override
  public Optional<String> skipReason() {
    return peer.skipReason();
  }

  @Override
  public Map<String, String> setup(Purpose purpose) {
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put("version", peer.versionOf("chronicle-queue"));
    setup.put("what", "one excerpt for each record; no fsync");
    setup.put("client flags", ClientJvm.describe());
    return setup;
  }

  @Override
  public RunningSystem start(Topology topology, Purpose purpose, Path dataDirectory) {
    try {
      Files.createDirectories(dataDirectory);
    } catch (IOException e) {
      throw new SystemFailureException("chronicle has no room: " + e, e);
    }
    return new EmbeddedRun(
        new ClientJvm(
            name(),
            ClientJvm.loadClassPath() + File.pathSeparator + peer.classPath(),
            FLAGS,
            "io.highwater.peers.chronicle.ChronicleTarget",
            null,
            dataDirectory.resolveSibling(dataDirectory.getFileName() + ".clients.log")),
        dataDirectory);
  }
}
