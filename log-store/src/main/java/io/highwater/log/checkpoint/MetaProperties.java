package io.highwater.log.checkpoint;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The {@code meta.properties} of a log directory, version 1 as in Kafka (KIP-866): to whom it
 * belongs. A property that Kafka does not know, {@code crc32c}, guards the others: another id would
 * make it another directory. Nor does it know {@code sibling.directory.ids}, {@code
 * lost.directory.ids} and {@code missing.directory.epochs}.
 *
 * @param clusterId the cluster, once it is known
 * @param nodeId the broker
 * @param directoryId this directory, drawn at random when it was formatted (CTL-4)
 * @param siblings the broker's other log directories that held partitions, or may have (REC-7)
 * @param lost those that the operator gave up
 * @param missing siblings that have not been there since a clean shutdown, with its broker epoch
 */
public record MetaProperties(
    Optional<String> clusterId,
    int nodeId,
    UUID directoryId,
    Set<UUID> siblings,
    Set<UUID> lost,
    Map<UUID, Long> missing) {
  /** The file's name. */
  public static final String FILE_NAME = "meta.properties";

  private static final int MAX_BYTES = 64 << 10;
  private static final String CHECKSUM = "crc32c";
  private static final String SIBLINGS = "sibling.directory.ids";
  private static final String LOST = "lost.directory.ids";
  private static final String MISSING = "missing.directory.epochs";

  public MetaProperties {
    siblings = Set.copyOf(siblings);
    lost = Set.copyOf(lost);
    missing = Map.copyOf(missing);
  }

  /** Of a directory that belongs to no cluster yet. */
  public static MetaProperties ofNew(int nodeId, UUID directoryId) {
    return new MetaProperties(Optional.empty(), nodeId, directoryId, Set.of(), Set.of(), Map.of());
  }

  /** The same directory of a cluster. */
  public MetaProperties withClusterId(String id) {
    return new MetaProperties(Optional.of(id), nodeId, directoryId, siblings, lost, missing);
  }

  /** The same directory, remembering others. */
  public MetaProperties withDirectories(Set<UUID> others, Set<UUID> givenUp, Map<UUID, Long> away) {
    return new MetaProperties(clusterId, nodeId, directoryId, others, givenUp, away);
  }

  /** Writes the file into {@code directory}; durable when this returns. */
  public void write(Storage storage, Path directory) throws IOException {
    StringBuilder text = new StringBuilder("version=1\n");
    clusterId.ifPresent(id -> text.append("cluster.id=").append(id).append('\n'));
    text.append("node.id=").append(nodeId).append('\n');
    text.append("directory.id=").append(Base64Uuid.encode(directoryId)).append('\n');
    append(text, SIBLINGS, siblings.stream().map(Base64Uuid::encode));
    append(text, LOST, lost.stream().map(Base64Uuid::encode));
    append(
        text,
        MISSING,
        missing.entrySet().stream().map(e -> Base64Uuid.encode(e.getKey()) + ":" + e.getValue()));
    String checksum = TextChecksum.of(text.toString());
    text.append(CHECKSUM).append('=').append(checksum).append('\n');
    AtomicFile.write(
        storage, directory.resolve(FILE_NAME), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void append(StringBuilder text, String key, Stream<String> values) {
    String list = values.sorted().collect(joining(","));
    if (!list.isEmpty()) {
      text.append(key).append('=').append(list).append('\n');
    }
  }

  /**
   * What the directory says; empty when it was never formatted.
   *
   * @throws IOException also when the file does not read: a directory of unknown owner is not ours
   */
  public static Optional<MetaProperties> read(Storage storage, Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    byte[] content;
    try {
      content = storage.readAll(file, MAX_BYTES);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    String text = new String(content, StandardCharsets.UTF_8);
    requireSound(file, text);
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
      if (!"1".equals(properties.getProperty("version"))) {
        throw new IOException(file + " is not of version 1");
      }
      return Optional.of(
          new MetaProperties(
              Optional.ofNullable(properties.getProperty("cluster.id")),
              Integer.parseInt(properties.getProperty("node.id", "")),
              Base64Uuid.decode(properties.getProperty("directory.id", "")),
              ids(properties.getProperty(SIBLINGS, "")),
              ids(properties.getProperty(LOST, "")),
              epochs(properties.getProperty(MISSING, ""))));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " does not read: " + e.getMessage(), e);
    }
  }

  private static Set<UUID> ids(String list) {
    return values(list).map(Base64Uuid::decode).collect(toSet());
  }

  private static Map<UUID, Long> epochs(String list) {
    return values(list)
        .map(entry -> entry.split(":", 2))
        .collect(
            toMap(e -> Base64Uuid.decode(e[0]), e -> Long.parseLong(e[e.length - 1]), Math::min));
  }

  private static Stream<String> values(String list) {
    return Arrays.stream(list.split(",")).filter(value -> !value.isEmpty());
  }

  /** Kafka's own file has no checksum; it begins with a comment, ours never does. */
  private static void requireSound(Path file, String text) throws IOException {
    int at = Math.max(0, text.lastIndexOf(CHECKSUM + "="));
    String checksum = CHECKSUM + "=" + TextChecksum.of(text.substring(0, at)) + "\n";
    if (!text.startsWith("#") && !text.substring(at).equals(checksum)) {
      throw new IOException(file + " does not match its checksum");
    }
  }
}
