package io.highwater.replication.leader;

import io.highwater.log.read.RangeHash;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.transport.FollowerLink;
import io.highwater.replication.transport.HashAnswer;
import io.highwater.replication.transport.HashQuestion;
import io.highwater.replication.transport.Hello;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What one broker was asked of ranges of offsets that it follows here, and has not answered yet. On
 * the owner loop.
 */
final class RangeQuestions {
  /** So long an answer is waited for; until it comes nothing more is asked. */
  static final long PATIENCE_MS = 5_000;

  private final FollowerLink link;
  private final Hello hello;
  private final Map<Long, Asked> open = new LinkedHashMap<>();
  private long lastId;

  private record Asked(long atMs, Consumer<HashAnswer> listener) {}

  RangeQuestions(FollowerLink link, Hello hello) {
    this.link = link;
    this.hello = hello;
  }

  /** Why nothing can be asked now, for people. */
  Optional<String> obstacle(long nowMs) {
    if (!hello.answersHash()) {
      return Optional.of("its version knows no such question");
    }
    Iterator<Asked> oldestFirst = open.values().iterator();
    return oldestFirst.hasNext() && nowMs - oldestFirst.next().atMs >= PATIENCE_MS
        ? Optional.of("it does not answer")
        : Optional.empty();
  }

  /**
   * Asks.
   *
   * @param own what is here
   * @param listener hears the answer, or that there will be none, at most once
   */
  void ask(Leadership leadership, RangeHash own, long nowMs, Consumer<HashAnswer> listener) {
    lastId++;
    open.put(lastId, new Asked(nowMs, listener));
    link.askHash(
        new HashQuestion(
            lastId,
            leadership.partition(),
            leadership.leaderEpoch(),
            own.fromOffset(),
            own.endOffset(),
            own.bytes()));
  }

  void answered(HashAnswer answer) {
    Asked asked = open.remove(answer.id());
    if (asked != null) {
      asked.listener.accept(answer);
    }
  }

  /** The stream is over, of which those who wait hear in a turn of their own. */
  void closed(OwnerLoop loop) {
    for (Asked asked : open.values()) {
      loop.execute(() -> asked.listener.accept(HashAnswer.none(0, "its stream broke")));
    }
    open.clear();
  }
}
