package io.highwater.server.fetch;

import io.highwater.replication.OwnerLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Shares out the memory for what is on its way to readers. Bytes count from before they are read
 * until the transport has written them; a reader that cannot have any waits until others gave some
 * back (INP-1).
 *
 * <p>An address may hold half of all; a connection a part of what nobody holds (the dynamic
 * threshold of Choudhury and Hahne, 1998), and a small part of all in any case; the last quarter
 * goes in small pieces to connections that hold nothing, so that those who read find room beside
 * those who never do. While somebody waits, connections that took nothing of what they hold for
 * some seconds are turned out, and of those that took something the calls that did not. On the
 * owner loop.
 *
 * <p>Answers to calls count as well, apart from what a connection's streams of records hold: nobody
 * waits with them, so what finds no room is refused.
 */
public final class ReaderMemory {
  /** Seconds in which a reader takes something, if others wait. */
  static final int PATIENCE_SECONDS = 5;

  private static final int ADDRESS_PART = 2;
  private static final int CONNECTION_PART = 32;
  private static final int FREE_PART = 8;
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
    for (Connection connection : List.copyOf(holders)) {
      if (turnedOut == MAX_TURNED_OUT || !isShort()) {
        break;
      }
      turnedOut +=
          connection.turnOutStalled(ReaderMemory.this::isShort, MAX_TURNED_OUT - turnedOut);
    }
    for (Connection connection : List.copyOf(waiting)) {
      turnedOut +=
          connection.turnOutStalled(connection::isHeldUpByItself, MAX_TURNED_OUT - turnedOut);
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
    private final Set<Reader> readers = new LinkedHashSet<>();
    private final Runnable onTurnedOut;
    private long heldBytes;
    private long answerBytes;
    private long progressed;

    private Connection(Address address, Runnable onTurnedOut) {
      this.address = address;
      this.onTurnedOut = onTurnedOut;
    }

    /**
     * A call that reads records.
     *
     * @param onTurnedOut called when it took nothing for long while others of the connection did,
     *     and somebody needs what it holds: it is to end, at once
     */
    public Call call(Runnable onTurnedOut) {
      return new Call(this, onTurnedOut);
    }

    /** The answers of a call that has none yet. */
    public Answers answers() {
      return new Answers(this);
    }

    /** Whether more of its answers are unwritten than it may have: then it is to read first. */
    public boolean leavesAnswers() {
      return answerBytes >= maxBytes / ANSWERS_PART;
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
      long free = maxBytes - ReaderMemory.this.heldBytes;
      return heldBytes < Math.max(maxBytes / CONNECTION_PART, free / FREE_PART);
    }

    private boolean isHeldUpByOthers() {
      Reader next = next();
      return next != null && isWithinPart() && next.least > mayTake();
    }

    private boolean isHeldUpByItself() {
      Reader next = next();
      return next != null && !isWithinPart() && next.least > mayTake();
    }

    /** Those that hold most first, while it is needed; returns how many. */
    private int turnOutStalled(BooleanSupplier isNeeded, int most) {
      if (!isNeeded.getAsBoolean()) {
        return 0;
      }
      List<Reader> stalled = new ArrayList<>(readers);
      stalled.removeIf(reader -> !reader.isStalled());
      stalled.sort(Comparator.comparingLong((Reader reader) -> reader.heldBytes).reversed());
      int turnedOut = 0;
      for (Reader reader : stalled) {
        if (turnedOut == most || !isNeeded.getAsBoolean()) {
          break;
        }
        turnedOut++;
        reader.call.onTurnedOut.run();
      }
      return turnedOut;
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

  /** One call that reads records. */
  public final class Call {
    private final Connection connection;
    private final Runnable onTurnedOut;

    private Call(Connection connection, Runnable onTurnedOut) {
      this.connection = connection;
      this.onTurnedOut = onTurnedOut;
    }

    /** The connection on which it came. */
    public Connection connection() {
      return connection;
    }

    /** The most that its reader can ever take at once. */
    public int maxTake() {
      return ReaderMemory.this.maxTake();
    }

    /**
     * A reader without any bytes.
     *
     * @param onRoom called as a task of its own when it waited and may try again
     */
    public Reader open(Runnable onRoom) {
      Reader reader = new Reader(this, onRoom);
      connection.readers.add(reader);
      return reader;
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
    private final Call call;
    private final Connection connection;
    private final Runnable onRoom;
    private long heldBytes;
    private long least;
    private boolean waits;

    /** It was called, and has not come yet: those behind it are not before it. */
    private boolean hasTurn;

    private boolean closed;
    private long progressed;

    private Reader(Call call, Runnable onRoom) {
      this.call = call;
      this.connection = call.connection;
      this.onRoom = onRoom;
    }

    /** Whether it waits for room. */
    public boolean isWaiting() {
      return waits;
    }

    /** Why it has to wait, to be told to the client. */
    public String shortage() {
      return connection.isWithinPart()
          ? "no memory for another reader: others hold what there is (reader.memory.ratio)"
          : "no memory for another reader of this connection: its others were sent "
              + connection.heldBytes
              + " bytes that they have not read";
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
      if (heldBytes == 0 || bytes < 0) {
        progressed = seconds;
      }
      heldBytes += bytes;
      connection.hold(bytes);
    }

    private boolean isStalled() {
      return heldBytes > 0 && seconds - progressed >= PATIENCE_SECONDS;
    }

    /** Gives everything back, waits no more and holds nothing from now on. */
    public void close() {
      if (heldBytes > 0) {
        hold(-heldBytes);
      }
      closed = true;
      connection.readers.remove(this);
      if (waits) {
        shareSoon(); // Those behind it wait for nothing now.
      }
    }
  }
}
