package io.highwater.replication.ratis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import io.highwater.replication.control.MemberProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a data directory remembers of members of the quorum, its own and the others, apart from what
 * the members keep themselves: an older copy of that is recognised by it (CTL-4). A file that
 * cannot be read means that nothing is remembered. Thread-safe.
 */
final class QuorumMemory {
  private static final Logger LOG = LoggerFactory.getLogger(QuorumMemory.class);
  private static final String FILE = "quorum-progress-checkpoint";
  private static final String VERSION = "0";
  private static final UUID UNNAMED = new UUID(0, 0);

  /** A member with its data directory: with another one it is not the same. */
  private record Member(UUID directoryId, MemberProgress progress) {
    private Member and(Member other) {
      return directoryId.equals(other.directoryId)
          ? new Member(directoryId, progress.and(other.progress))
          : other;
    }

    private String text() {
      return directoryId + " " + progress.text();
    }

    private static Member parse(String text) {
      String[] parts = text.split(" ", 2);
      return new Member(UUID.fromString(parts[0]), MemberProgress.parse(parts[1]));
    }
  }

  private final Storage storage;
  private final Path file;
  private final UUID directoryId;
  private final TreeMap<Integer, Member> others = new TreeMap<>();
  private MemberProgress own = MemberProgress.none(0);

  /**
   * @param root the data directory
   * @throws IOException when it cannot be read
   */
  QuorumMemory(Storage storage, Path root) throws IOException {
    this.storage = storage;
    file = root.resolve(FILE);
    directoryId =
        MetaProperties.read(storage, root).map(MetaProperties::directoryId).orElse(UNNAMED);
    Optional<byte[]> content = AtomicFile.readChecked(storage, file);
    try {
      content.ifPresent(bytes -> parse(new String(bytes, UTF_8)));
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      LOG.warn("{} is not understood and counts for nothing: {}", file, e.toString());
    }
  }

  private void parse(String content) {
    String[] lines = content.split("\n", -1);
    if (!lines[0].equals(VERSION)) {
      throw new IllegalArgumentException("version " + lines[0]);
    }
    MemberProgress first = MemberProgress.parse(lines[1]);
    TreeMap<Integer, Member> rest = new TreeMap<>();
    for (int i = 2; i < lines.length; i++) {
      String[] parts = lines[i].split(" ", 2);
      rest.put(Integer.parseInt(parts[0]), Member.parse(parts[1]));
    }
    own = first;
    others.putAll(rest);
  }

  /** Which directory this is. */
  UUID directoryId() {
    return directoryId;
  }

  /** How far this member came, as far as it is remembered. */
  synchronized MemberProgress own() {
    return own;
  }

  /** Remembers durably how far this member came. */
  synchronized void remember(MemberProgress progress) throws IOException {
    change(own.and(progress), others);
  }

  /** Forgets durably how far this member came: it begins anew. */
  synchronized void beginAnew() throws IOException {
    change(MemberProgress.none(own.generation() + 1), others);
  }

  /**
   * Remembers durably how far another member, with such a directory, says it came.
   *
   * @return how far it came as far as it is remembered
   */
  synchronized MemberProgress remember(int node, UUID directory, MemberProgress progress)
      throws IOException {
    Member told = new Member(directory, progress);
    Member before = others.get(node);
    Member now = before == null ? told : before.and(told);
    TreeMap<Integer, Member> changed = new TreeMap<>(others);
    changed.put(node, now);
    change(own, changed);
    return now.progress();
  }

  private void change(MemberProgress first, SortedMap<Integer, Member> rest) throws IOException {
    if (first.equals(own) && rest.equals(others)) {
      return;
    }
    StringBuilder text = new StringBuilder(VERSION).append('\n').append(first.text());
    rest.forEach(
        (node, member) -> text.append('\n').append(node).append(' ').append(member.text()));
    AtomicFile.writeChecked(storage, file, text.toString().getBytes(UTF_8));
    own = first;
    if (rest != others) {
      others.putAll(rest);
    }
  }
}
