package io.highwater.perf.system;

import io.highwater.perf.embedded.FileFloorTarget;
import io.highwater.perf.embedded.LogStoreTarget;
import io.highwater.perf.embedded.SingleAppendTarget;
import io.highwater.perf.load.LoadTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A log in the client's own process, made of our own classes. */
public final class EmbeddedSystem implements ComparedSystem {
  private final String name;
  private final Class<? extends LoadTarget> target;
  private final String what;

  private EmbeddedSystem(String name, Class<? extends LoadTarget> target, String what) {
    this.name = name;
    this.target = target;
    this.what = what;
  }

  /** Our log store, in batches of 100 records, encoding included. */
  public static EmbeddedSystem logStore() {
    return new EmbeddedSystem(
        "log-store", LogStoreTarget.class, "batches of 100 records, encoding included; no fsync");
  }

  /** Our log store, every record a batch. */
  public static EmbeddedSystem logStoreSingle() {
    return new EmbeddedSystem(
        "log-store-single", SingleAppendTarget.class, "every record a batch; no fsync");
  }

  /** What the machine gives: a file. */
  public static EmbeddedSystem fileFloor() {
    return new EmbeddedSystem(
        "file", FileFloorTarget.class, "blocks of 64 KiB with their CRC32C; no fsync");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean supports(Topology topology) {
    return topology == Topology.EMBEDDED;
  }

  @Override
  public Optional<String> skipReason() {
    return Optional.empty();
  }

  @Override
  public Map<String, String> setup(Purpose purpose) {
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put("what", what);
    setup.put("client flags", ClientJvm.describe());
    return setup;
  }

  @Override
  public RunningSystem start(Topology topology, Purpose purpose, Path dataDirectory) {
    try {
      Files.createDirectories(dataDirectory);
    } catch (IOException e) {
      throw new SystemFailureException(name + " has no room: " + e, e);
    }
    return new EmbeddedRun(
        new ClientJvm(
            name,
            System.getProperty("java.class.path"),
            ClientJvm.opens(),
            target.getName(),
            null,
            dataDirectory.resolveSibling(dataDirectory.getFileName() + ".clients.log")),
        dataDirectory);
  }
}
