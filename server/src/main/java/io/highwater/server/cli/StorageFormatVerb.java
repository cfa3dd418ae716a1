package io.highwater.server.cli;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.OutputOption;
import io.highwater.log.LogDirectory;
import io.highwater.log.checkpoint.Base64Uuid;
import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.ratis.QuorumStorage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.agrona.concurrent.SystemEpochClock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code highwater storage format}. */
@Command(
    name = "format",
    description = {
      "Make a data directory one of a cluster, before its broker starts for the first time.",
      "A single broker does so by itself. A directory that is formatted alike already stays as it"
          + " is; one of another cluster or node is refused."
    })
final class StorageFormatVerb implements Callable<Integer> {
  private record Formatted(
      String directory, String clusterId, int nodeId, String directoryId, boolean anew) {}

  private final CliStreams streams;

  @Option(names = "--data", required = true, paramLabel = "DIR", description = "The directory.")
  private Path data;

  @Option(
      names = "--cluster-id",
      paramLabel = "ID",
      description = "The cluster; may be left out where the directory says it.")
  private String clusterId;

  @Option(
      names = "--node-id",
      paramLabel = "N",
      description = "The broker's number in the cluster; default: as the directory says, else 1.")
  private Integer nodeId;

  @Option(
      names = "--accept-metadata-loss",
      description =
          "Let a controller begin anew whose part of the metadata is lost, damaged or an older copy."
              + " Safe while the other controllers have theirs; else topics unknown then are set"
              + " aside, never deleted.")
  private boolean acceptMetadataLoss;

  @Option(
      names = "--accept-directory-loss",
      paramLabel = "DIRECTORY-ID",
      description =
          "Give up another log directory of this broker's that is missing: what it held is begun"
              + " anew, from the leaders where there are any. DIR is one of the stopped broker's"
              + " that is there; may be repeated.")
  private final List<String> lostDirectories = new ArrayList<>();

  @Mixin private OutputOption output;

  StorageFormatVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (nodeId != null && nodeId < 0) {
      throw new HighwaterException(ErrorCode.INVALID_REQUEST, "--node-id is at least 0");
    }
    FileStorage storage = new FileStorage();
    Optional<MetaProperties> found = MetaProperties.read(storage, data);
    found.ifPresent(this::requireSame);
    Optional<String> known = found.flatMap(MetaProperties::clusterId);
    String cluster =
        known.orElseGet(
            () -> {
              if (clusterId == null || clusterId.isEmpty()) {
                throw new HighwaterException(
                    ErrorCode.INVALID_REQUEST,
                    "--cluster-id is missing; 'highwater storage random-uuid' makes one");
              }
              return clusterId;
            });
    if (known.isEmpty()) {
      format(storage, cluster, nodeId != null ? nodeId : 1);
    }
    if (acceptMetadataLoss) {
      acceptLoss(storage, cluster);
    }
    Set<UUID> lostBefore =
        lostDirectories.isEmpty()
            ? Set.of()
            : LogDirectory.giveUp(
                data,
                storage,
                lostDirectories.stream().map(StorageFormatVerb::directoryId).toList());
    MetaProperties meta = MetaProperties.read(storage, data).orElseThrow();
    Formatted formatted =
        new Formatted(
            data.toString(),
            cluster,
            meta.nodeId(),
            meta.directoryId().toString(),
            known.isEmpty());
    output.print(streams, formatted, () -> text(formatted, lostBefore));
    return CliError.DONE;
  }

  /** As messages have it, or as meta.properties does. */
  private static UUID directoryId(String text) {
    try {
      return text.length() == 22 ? Base64Uuid.decode(text) : UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST, "'" + text + "' is no id of a log directory", e);
    }
  }

  private void requireSame(MetaProperties meta) {
    if (nodeId != null && meta.nodeId() != nodeId) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG,
          data + " belongs to node " + meta.nodeId() + ", not to node " + nodeId);
    }
    String present = meta.clusterId().orElse(clusterId);
    if (clusterId != null && !clusterId.equals(present)) {
      throw new HighwaterException(
          ErrorCode.INCONSISTENT_CLUSTER_ID,
          data + " belongs to cluster " + present + ", not to " + clusterId);
    }
  }

  private void format(FileStorage storage, String cluster, int node) throws IOException {
    try (LogDirectory logs =
        LogDirectory.open(data, storage, SystemEpochClock.INSTANCE, node, UUID::randomUUID)) {
      new QuorumStorage(storage, data, cluster).announceFirstStart();
      logs.joinCluster(cluster);
    }
  }

  private void acceptLoss(FileStorage storage, String cluster) throws IOException {
    Closeable lock = LogDirectory.lock(data, storage);
    try {
      new QuorumStorage(storage, data, cluster).acceptLoss();
    } finally {
      lock.close();
    }
  }

  private String text(Formatted formatted, Set<UUID> lostBefore) {
    return String.format(
        Locale.ROOT,
        "%s %s: cluster %s, node %d, directory id %s%s%n",
        formatted.anew ? "formatted" : "already formatted",
        formatted.directory,
        formatted.clusterId,
        formatted.nodeId,
        formatted.directoryId,
        (acceptMetadataLoss ? "; what it lost of the metadata is not missed at its next start" : "")
            + givenUp("; given up: ", id -> !lostBefore.contains(id))
            + givenUp("; given up before already: ", lostBefore::contains));
  }

  private String givenUp(String what, Predicate<UUID> which) {
    List<String> ids = lostDirectories.stream().filter(id -> which.test(directoryId(id))).toList();
    return ids.isEmpty() ? "" : what + String.join(", ", ids);
  }
}
