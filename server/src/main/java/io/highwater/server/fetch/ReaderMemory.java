package io.highwater.server.fetch;

import io.highwater.replication.OwnerLoop;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Shares out the memory for what is on its way to readers. Bytes count from before they are read
 * until the transport has written them; a reader that cannot have any waits until others gave some
 * back (INP-1).
 *
 * <p>An address may hold half of all, a connection a small part, and the last quarter goes in small
 * pieces to connections that hold nothing, so that those who read find room beside those who never
 * do. While somebody waits for what others hold, connections that took nothing of what they hold
 * for some seconds are turned out. On the owner loop.
 *
 * <p>Answers to calls count as well, apart from what a connection's streams of records hold: nobody
 * waits with them, so what finds no room is refused.
 */
public final class ReaderMemory {
  /** Seconds in which a reader takes something, if others wait. */
  static final int PATIENCE_SECONDS = 5;

  private static final int ADDRESS_PART = 2;
  private static final int CONNECTION_PART = 32;
  private static final int ANSWERS_PART = 16;
  private static final int RESERVE_PART = 8;
  private static final int SMALL_BYTES = 160 << 10;
  private static final int MAX_TURNED_OUT = 256;
  private static final long SECOND_MS = 1_000;

  private final long maxBytes;
  private final OwnerLoop loop;
  private final Map<String, Address> addresses = new HashMap<>();
  private final LinkedHashSet<Connection> waiting = new LinkedHashSet<>();

  /** Those that hold something; who made no progress for the longest comes first. */
  private final LinkedHashSet<Connection> holders = new LinkedHashSet<>();

  private long heldBytes;
  private boolean sharing;

  /** Who was refused an answer last for what others hold, or null; and the bytes that it took. */
  private Connection refused;

  private long refusedBytes;
  private long refusedAt;

  /** Seconds in which somebody waited. */
  private long seconds;

  private boolean ticking;

  /** Shares out {@code maxBytes}. */
  public ReaderMemory(long maxBytes, OwnerLoop loop) {
    this.maxBytes = maxBytes;
    this.loop = loop;
  }

  /** Bytes held by all readers. */
  public long heldBytes() {
    return heldBytes;
  }

  /** The most that one reader can ever take at once. */
  public int maxTake() {
    return (int) Math.min(Integer.MAX_VALUE, maxBytes / ADDRESS_PART - maxBytes / RESERVE_PART);
  }

  /**
   * A new connection from an address.
   *
   * @param onTurnedOut called when its readers took nothing for long and others need what they
   *     hold: it is to end, at once
   */
  public Connection connect(String address, Runnable onTurnedOut) {
    Address from = addresses.computeIfAbsent(address, Address::new);
    from.connections++;
    return new Connection(from, onTurnedOut);
  }

  private void shareSoon() {
    if (!sharing && !waiting.isEmpty()) {
      sharing = true;
      loop.executeAfterIo(this::share);
    }
  }

  /** One reader of each connection in turn; whoever finds too little waits anew. */
  private void share() {
    sharing = false;
    boolean woken = false;
    for (Connection connection : List.copyOf(waiting)) {
      woken |= connection.wakeNext();
    }
    if (woken) {
      shareSoon();
    }
  }

  private void tickSoon() {
    if (!ticking) {
      ticking = true;
      loop.schedule(SECOND_MS, this::tick);
    }
  }

  private void tick() {
    ticking = false;
    if (waiting.isEmpty() && refused == null) {
      return;
    }
    seconds++;
    int turnedOut = 0;
    for (Connection connection : List.copyOf(holders)) {
      boolean isSlow = seconds - connection.progressed >= PATIENCE_SECONDS;
      if (!isSlow || turnedOut == MAX_TURNED_OUT || !isShort()) {
        break;
      }
      turnedOut++;
      connection.onTurnedOut.run();
    }
    tickSoon();
  }

  private boolean isShort() {
    boolean isRecent = refused != null && seconds - refusedAt <= PATIENCE_SECONDS;
    if (isRecent && refused.isRefusedForOthers(refusedBytes)) {
      return true;
    }
    refused = null;
    for (Connection connection : waiting) {
      if (connection.isHeldUpByOthers()) {
        return true;
      }
    }
    return false;
  }

  /** Where connections come from. */
  private static final class Address {
    private final String name;
    private int connections;
    private long heldBytes;

    Address(String name) {
      this.name = name;
    }
  }

  /** One connection. */
  public final class Connection {
    private final Address address;
    private final ArrayDeque<Reader> queue = new ArrayDeque<>();
    private final Runnable onTurnedOut;
    private long heldBytes;
    private long answerBytes;
    private long progressed;

    private Connection(Address address, Runnable onTurnedOut) {
      this.address = address;
      this.onTurnedOut = onTurnedOut;
    }

    /**
     * A reader without any bytes.
     *
     * @param onRoom called as a task of its own when it waited and may try again
     */
    public Reader open(Runnable onRoom) {
      return new Reader(this, onRoom);
    }

    /** A call without any answers. */
    public Answers call() {
      return new Answers(this);
    }

    /** Whether more of its answers are unwritten than it may have: then it is to read first. */
    public boolean leavesAnswers() {
      return answerBytes >= maxBytes / ANSWERS_PART;
    }

    /** The most that one of its readers can ever take at once. */
    public int maxTake() {
      return ReaderMemory.this.maxTake();
    }

    /** The connection is over; its readers are closed by whoever opened them. */
    public void close() {
      if (refused == this) {
        refused = null;
      }
      address.connections--;
      if (address.connections == 0) {
        addresses.remove(address.name, address);
      }
    }

    private long left() {
      return Math.min(
          maxBytes - ReaderMemory.this.heldBytes, maxBytes / ADDRESS_PART - address.heldBytes);
    }

    private long mayTake() {
      long common = isWithinPart() ? left() - maxBytes / RESERVE_PART : 0;
      return heldBytes == 0 ? Math.max(common, Math.min(left(), SMALL_BYTES)) : common;
    }

    private long mayAnswer() {
      long common = leavesAnswers() ? 0 : left() - maxBytes / RESERVE_PART;
      return Math.max(common, Math.min(left(), SMALL_BYTES - answerBytes));
    }

    private boolean isRefusedForOthers(long bytes) {
      return !leavesAnswers() && bytes > mayAnswer();
    }

    private void refuse(long bytes) {
      if (bytes <= maxTake() && isRefusedForOthers(bytes)) {
        refused = this;
        refusedBytes = bytes;
        refusedAt = seconds;
        tickSoon();
      }
    }

    private boolean isWithinPart() {
      return heldBytes < maxBytes / CONNECTION_PART;
    }

    private boolean isHeldUpByOthers() {
      Reader next = next();
      return next != null && isWithinPart() && next.least > mayTake();
    }

    private Reader next() {
      while (!queue.isEmpty() && queue.peekFirst().closed) {
        queue.pollFirst();
      }
      return queue.peekFirst();
    }

    private void hold(long bytes) {
      boolean heldNothing = heldBytes == 0;
      heldBytes += bytes;
      address.heldBytes += bytes;
      ReaderMemory.this.heldBytes += bytes;
      if (bytes < 0) {
        holders.remove(this);
        shareSoon();
      }
      if (heldBytes > 0 && (heldNothing || bytes < 0)) {
        progressed = seconds;
        holders.add(this);
      }
    }

    private boolean wakeNext() {
      Reader next = next();
      boolean wakes = next != null && next.least <= mayTake();
      if (wakes) {
        queue.pollFirst();
        next.waits = false;
        next.hasTurn = true;
        next.onRoom.run();
      }
      if (queue.isEmpty()) {
        waiting.remove(this);
      }
      return wakes;
    }
  }

  /** What one call was answered and the transport has not written. */
  public static final class Answers {
    private final Connection connection;
    private long heldBytes;

    private Answers(Connection connection) {
      this.connection = connection;
    }

    /** Whether there is room for a small one. */
    public boolean hasRoom() {
      return connection.mayAnswer() > 0;
    }

    /**
     * Counts an answer, if there is room for it.
     *
     * @return whether there is
     */
    public boolean take(long bytes) {
      if (bytes > connection.mayAnswer()) {
        connection.refuse(bytes);
        return false;
      }
      hold(bytes);
      return true;
    }

    /** Counts an answer whether there is room or not. */
    public void hold(long bytes) {
      heldBytes += bytes;
      connection.answerBytes += bytes;
      connection.hold(bytes);
    }

    /** Everything was written, or dropped. */
    public void giveBack() {
      if (heldBytes > 0) {
        hold(-heldBytes);
      }
    }
  }

  /** One stream or poll. */
  public final class Reader {
    private final Connection connection;
    private final Runnable onRoom;
    private long heldBytes;
    private long least;
    private boolean waits;

    /** It was called, and has not come yet: those behind it are not before it. */
    private boolean hasTurn;

    private boolean closed;

    private Reader(Connection connection, Runnable onRoom) {
      this.connection = connection;
      this.onRoom = onRoom;
    }

    /** Whether it waits for room. */
    public boolean isWaiting() {
      return waits;
    }

    /** Whether its connection holds less than its part. */
    public boolean isWithinPart() {
      return connection.isWithinPart();
    }

    /**
     * Takes room, unless others of the connection wait already and have not had their turn.
     *
     * @param leastBytes positive, at most {@link ReaderMemory#maxTake}
     * @return between {@code leastBytes} and {@code mostBytes}, or 0: then it waits, and {@code
     *     onRoom} is called
     */
    public int take(int leastBytes, int mostBytes) {
      if (waits) {
        return 0;
      }
      boolean first = hasTurn || connection.next() == null;
      long room = first ? connection.mayTake() : 0;
      if (room >= leastBytes) {
        hasTurn = false;
        int taken = (int) Math.min(mostBytes, room);
        hold(taken);
        return taken;
      }
      waits = true;
      least = leastBytes;
      if (hasTurn) {
        connection.queue.addFirst(this);
      } else {
        connection.queue.addLast(this);
      }
      hasTurn = false;
      waiting.add(connection);
      tickSoon();
      return 0;
    }

    /**
     * Takes more room for what is under way, though others of the connection wait: given up, it
     * would have to begin anew behind them.
     *
     * @return whether there is as much; if not, it does not wait
     */
    public boolean takeMore(int bytes) {
      if (bytes > connection.mayTake()) {
        return false;
      }
      hold(bytes);
      return true;
    }

    /** Counts bytes that are held already, beyond what was taken or, negative, below it. */
    public void hold(long bytes) {
      if (closed) {
        return;
      }
      heldBytes += bytes;
      connection.hold(bytes);
    }

    /** Gives everything back, waits no more and holds nothing from now on. */
    public void close() {
      if (heldBytes > 0) {
        hold(-heldBytes);
      }
      closed = true;
      if (waits) {
        shareSoon(); // Those behind it wait for nothing now.
      }
    }
  }
}
