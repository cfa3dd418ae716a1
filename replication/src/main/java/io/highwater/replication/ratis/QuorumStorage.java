package io.highwater.replication.ratis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.MemberProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * Whether a data directory has what its member of the quorum knew, and may be without it (CTL-4). A
 * member that lost what it acknowledged and voted would help to elect one who lacks committed
 * entries, so emptiness has to be announced: when the directory joins its cluster, or by the
 * operator. The announcement is a file, gone once there is state.
 */
public final class QuorumStorage {
  private static final String ANNOUNCEMENT = "may-be-empty";
  private static final String FIRST_START = "first start";
  private static final String LOSS_ACCEPTED = "loss accepted";
  private static final String REMOVED = "removed from the quorum";

  /** Where this file is missing Ratis formats without a word, whatever else is there. */
  static final String STATE_FILE = "raft-meta";

  private static final int MAX_ANNOUNCEMENT_BYTES = 64;

  /**
   * With less than this free a member may not be able to write: Ratis makes room for a megabyte of
   * entries at once, and keeps term and vote beside them.
   */
  public static final long MIN_FREE_BYTES = 2 << 20;

  private final Storage storage;
  private final Path root;
  private final Path directory;
  private final Path state;
  private QuorumMemory memory;

  /**
   * @param storage where announcements are kept; what Ratis keeps lies in the file system always
   * @param root the data directory
   * @param clusterId whose quorum it is
   */
  public QuorumStorage(Storage storage, Path root, String clusterId) {
    this.storage = storage;
    this.root = root;
    directory = root.resolve(RatisMetadataLog.DIRECTORY);
    state = directory.resolve(QuorumGroup.uuid(clusterId).toString()).resolve("current");
  }

  /** Whether the member's state is there. */
  public boolean exists() {
    return Files.exists(state.resolve(STATE_FILE));
  }

  /** Bytes that are free where the member writes. */
  public long freeBytes() throws IOException {
    return storage.space(root).freeBytes();
  }

  /** The data directory. */
  public Path root() {
    return root;
  }

  /** Says that this directory was never a member's, durably; before it joins its cluster. */
  public void announceFirstStart() throws IOException {
    announce(FIRST_START);
  }

  /**
   * Says that the member's state is lost and the operator wants it to begin anew, durably. An older
   * copy of it, or a damaged one, is put away.
   */
  public void acceptLoss() throws IOException {
    if (!exists()) {
      memory().beginAnew();
    } else if (!StoredProgress.isSound(state.getParent()) || isRolledBack()) {
      setAside();
    }
    announce(LOSS_ACCEPTED);
  }

  private boolean isRolledBack() throws IOException {
    return !stored().reaches(memory().own());
  }

  /** How far the member came by what it keeps. */
  MemberProgress stored() throws IOException {
    int generation = memory().own().generation();
    return exists()
        ? StoredProgress.read(state.getParent(), generation)
        : MemberProgress.none(generation);
  }

  /** What this directory remembers of the quorum's members besides their state. */
  synchronized QuorumMemory memory() throws IOException {
    if (memory == null) {
      memory = new QuorumMemory(storage, root);
    }
    return memory;
  }

  /**
   * Asks the others how far this member came, and remembers that.
   *
   * @return completes when all have answered or are silent; fails when it cannot be remembered
   */
  public CompletableFuture<Void> recall(RatisQuorumRoute others, int nodeId) throws IOException {
    QuorumMemory known = memory();
    return others
        .tell(nodeId, known.directoryId(), known.own())
        .thenAccept(
            progress -> {
              try {
                known.remember(progress);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  /** Makes the names of the member's files durable; Ratis forces only what is in them. */
  void syncNames() throws IOException {
    storage.syncDirectory(state);
  }

  private void announce(String why) throws IOException {
    storage.createDirectories(directory);
    AtomicFile.write(storage, directory.resolve(ANNOUNCEMENT), why.getBytes(UTF_8));
    storage.syncDirectory(root);
  }

  /**
   * Whether the member was removed from the quorum and none of it since, as far as this directory
   * knows: whomever the configuration names, it does not vote before it is added.
   */
  public boolean isRemoved() throws IOException {
    return REMOVED.equals(announcement());
  }

  /**
   * Says that the member was removed from the quorum and puts away what it kept, which must not
   * vote any more; durably. The member must be closed, and no member by the word of the others
   * since.
   */
  public void retire() throws IOException {
    announce(REMOVED);
    setAside();
  }

  /** Puts away, durably, what a member kept that must not vote with it any more. */
  private void setAside() throws IOException {
    Path removed = directory.resolve("removed");
    Files.createDirectories(removed);
    Path group = state.getParent();
    int number = 1;
    while (Files.exists(removed.resolve(group.getFileName() + "-" + number))) {
      number++;
    }
    if (Files.exists(group)) {
      Files.move(group, removed.resolve(group.getFileName() + "-" + number));
      storage.syncDirectory(removed);
      storage.syncDirectory(directory);
    }
    memory().beginAnew();
  }

  /** Whether a member is to begin that never was one, as far as this directory knows. */
  public boolean isFirstStart() throws IOException {
    return !exists() && FIRST_START.equals(announcement());
  }

  private String announcement() throws IOException {
    try {
      Path file = directory.resolve(ANNOUNCEMENT);
      return new String(storage.readAll(file, MAX_ANNOUNCEMENT_BYTES), UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /**
   * Lets a member start that has its state, as far as that is remembered, or may be without.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR with what the operator can do
   */
  public void requireState() throws IOException {
    if (!exists() && announcement().isEmpty()) {
      throw refusal(
          "is missing, yet this controller took part in the quorum before. Bring the directory"
              + " back; or, if the other controllers still have the metadata or it is lost for good",
          null);
    }
    if (exists() && isKnownRolledBack()) {
      throw rolledBack();
    }
  }

  /** The refusal of a member whose state is an older copy, with what the operator can do. */
  HighwaterException rolledBack() {
    return refusal(
        "is older than what this controller acknowledged or voted before, as a copy that was"
            + " restored. Bring the newest one back; or, if the other controllers have the"
            + " metadata or what is newer is lost for good",
        null);
  }

  private boolean isKnownRolledBack() throws IOException {
    MemberProgress known = memory().own();
    try {
      return !stored().reaches(known);
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  /** The refusal of a member whose state does not read, with what the operator can do. */
  HighwaterException damaged(Throwable why) {
    Throwable cause = why;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return refusal(
        "is damaged: "
            + cause.getMessage()
            + ". Bring it back as it was at last; or, if the other controllers have the metadata or"
            + " it is lost for good",
        why);
  }

  private HighwaterException refusal(String whatIsWrong, Throwable why) {
    return new HighwaterException(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "CTL-4: "
            + state
            + " "
            + whatIsWrong
            + ", 'highwater storage format --data "
            + root
            + " --accept-metadata-loss' lets it begin anew. Records are kept either way",
        why);
  }

  /** Forgets the announcement, now that there is state and the member has its seat. */
  public void settled() throws IOException {
    if (exists()) {
      storage.syncDirectory(state.getParent());
      storage.syncDirectory(directory);
      storage.deleteIfExists(directory.resolve(ANNOUNCEMENT));
    }
  }
}
