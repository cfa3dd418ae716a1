package io.highwater.replication.ratis;

import io.highwater.replication.control.MemberProgress;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.MD5FileUtil;
import org.apache.ratis.util.SizeInBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads from the files of a member, before it starts, how far it came. */
final class StoredProgress {
  private static final Logger LOG = LoggerFactory.getLogger(StoredProgress.class);
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
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new IOException(meta + " makes no sense: " + properties);
    }
  }

  /** Whether all that a member keeps reads. Slow. */
  static boolean isSound(Path group) {
    try {
      read(group, 0);
      for (LogSegmentPath segment : segments(group.resolve("current"))) {
        readEntries(segment, entry -> {});
      }
      for (Path snapshot : snapshots(group.resolve("sm"))) {
        MD5Hash expected = MD5FileUtil.readStoredMd5ForFile(snapshot.toFile());
        if (expected != null) {
          MD5FileUtil.verifySavedMD5(snapshot.toFile(), expected);
        }
      }
      return true;
    } catch (IOException | IllegalStateException e) {
      LOG.warn("{} does not read: {}", group, e.toString());
      return false;
    }
  }

  /** Newest first. */
  private static List<LogSegmentPath> segments(Path current) throws IOException {
    try (Stream<Path> files = Files.list(current)) {
      return files
          .map(LogSegmentPath::matchLogSegment)
          .filter(Objects::nonNull)
          .sorted(Comparator.comparing(LogSegmentPath::getStartEnd).reversed())
          .toList();
    }
  }

  private static void readEntries(LogSegmentPath segment, Consumer<LogEntryProto> entries)
      throws IOException {
    LogSegment.readSegmentFile(
        segment.getPath().toFile(),
        segment.getStartEnd(),
        MAX_ENTRY,
        CorruptionPolicy.getDefault(),
        null,
        entries);
  }

  private static long lastEntry(Path current) throws IOException {
    AtomicLong last = new AtomicLong(-1);
    for (LogSegmentPath segment : segments(current)) {
      readEntries(segment, entry -> last.set(entry.getIndex()));
      if (last.get() >= 0) {
        break;
      }
    }
    return last.get();
  }

  private static List<Path> snapshots(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> SNAPSHOT.matcher(file.getFileName().toString()).matches())
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private static long lastSnapshot(Path directory) throws IOException {
    long last = -1;
    for (Path snapshot : snapshots(directory)) {
      Matcher name = SNAPSHOT.matcher(snapshot.getFileName().toString());
      if (name.matches()) {
        last = Math.max(last, Long.parseLong(name.group(1)));
      }
    }
    return last;
  }
}
