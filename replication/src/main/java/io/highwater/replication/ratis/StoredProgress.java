package io.highwater.replication.ratis;

import io.highwater.replication.control.MemberProgress;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;

/** Reads from the files of a member, before it starts, how far it came. */
final class StoredProgress {
  private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.\\d+_(\\d+)");
  private static final SizeInBytes MAX_ENTRY = SizeInBytes.valueOf("64MB");

  private StoredProgress() {}

  /**
   * @param group the member's folder
   * @param generation of what is kept there
   * @throws IOException also when what is there makes no sense
   */
  static MemberProgress read(Path group, int generation) throws IOException {
    Path current = group.resolve("current");
    Path meta = current.resolve(QuorumStorage.STATE_FILE);
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(meta)) {
      properties.load(in);
      return new MemberProgress(
          generation,
          Long.parseLong(properties.getProperty("term", "")),
          properties.getProperty("votedFor", ""),
          Math.max(lastEntry(current), lastSnapshot(group.resolve("sm"))));
    } catch (IllegalArgumentException e) {
      throw new IOException(meta + " is damaged: " + properties, e);
    }
  }

  private static long lastEntry(Path current) throws IOException {
    List<LogSegmentPath> segments;
    try (Stream<Path> files = Files.list(current)) {
      segments =
          files
              .map(LogSegmentPath::matchLogSegment)
              .filter(Objects::nonNull)
              .sorted(Comparator.comparing(LogSegmentPath::getStartEnd).reversed())
              .toList();
    }
    AtomicLong last = new AtomicLong(-1);
    for (LogSegmentPath segment : segments) {
      LogSegment.readSegmentFile(
          segment.getPath().toFile(),
          segment.getStartEnd(),
          MAX_ENTRY,
          CorruptionPolicy.getDefault(),
          null,
          entry -> last.set(entry.getIndex()));
      if (last.get() >= 0) {
        break;
      }
    }
    return last.get();
  }

  private static long lastSnapshot(Path snapshots) throws IOException {
    try (Stream<Path> files = Files.list(snapshots)) {
      return files
          .map(file -> SNAPSHOT.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .mapToLong(name -> Long.parseLong(name.group(1)))
          .max()
          .orElse(-1);
    } catch (NoSuchFileException e) {
      return -1;
    }
  }
}
