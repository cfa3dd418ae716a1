package io.highwater.log.flush;

/**
 * The durability of one log.
 *
 * @param kind what an acknowledgement promises
 * @param messages for {@link Kind#INTERVAL}: records after which the log is flushed ({@code
 *     flush.messages})
 * @param ms for {@link Kind#INTERVAL}: time after which what was appended is flushed ({@code
 *     flush.ms})
 */
public record FlushPolicy(Kind kind, long messages, long ms) {
  /** No bound. */
  public static final long NEVER = Long.MAX_VALUE;

  /** The operating system decides when to write; replicas are what protects from power loss. */
  public static final FlushPolicy OS = new FlushPolicy(Kind.OS, NEVER, NEVER);

  /** Nothing counts, for an acknowledgement or for the high watermark, before it is flushed. */
  public static final FlushPolicy GROUP = new FlushPolicy(Kind.GROUP, NEVER, NEVER);

  /** What an acknowledgement promises. */
  public enum Kind {
    /** In the page cache: survives the process. */
    OS,
    /** As {@link #OS}, and flushed in the background after so many records or so much time. */
    INTERVAL,
    /** On the disk: acknowledgements wait for a flush that they share. */
    GROUP
  }

  public FlushPolicy {
    if (messages < 1 || ms < 0) {
      throw new IllegalArgumentException("flush after " + messages + " messages or " + ms + " ms");
    }
  }

  /** Whether an append counts only once it is flushed. */
  public boolean isGroup() {
    return kind == Kind.GROUP;
  }
}
