package io.highwater.client;

import io.highwater.client.BrokerCall.Question;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/**
 * A client's way to its cluster: one connection per broker, and a view of who leads what that is
 * refreshed when somebody finds it out of date. Loop only.
 */
public final class ClusterRouter {
  private static final Backoff BETWEEN_REFRESHES = new Backoff(10, 100, 0.2);
  private static final int MAX_UNREACHABLE_ROUNDS = 4;
  private static final long CALM_NANOS = 1_000_000_000;
  private static final long UNKNOWN_TOPIC_GRACE_MS = 1_000;

  /** A broker that hangs must not keep the others' answer away. */
  private static final long REFRESH_TRY_TIMEOUT_MS = 1_000;

  private final ClientRuntime runtime;
  private final ConnectionConfig config;
  private final ClusterView view = new ClusterView();
  private final Map<BrokerAddress, BrokerChannel> channels = new HashMap<>();
  private final Set<BrokerAddress> failed = new LinkedHashSet<>();
  private final List<BrokerAddress> preferred = new ArrayList<>();
  private final Set<String> followed = new LinkedHashSet<>();
  private final List<Runnable> listeners = new ArrayList<>();

  private boolean refreshing;
  private boolean refreshAgain;
  private int refreshesInRow;
  private long refreshedNanos;
  private boolean closed;

  /**
   * @param runtime the loop that this belongs to, with clocks and connections
   */
  public ClusterRouter(ClientRuntime runtime, ConnectionConfig config) {
    this.runtime = runtime;
    this.config = config;
  }

  /** What is known of the cluster. */
  public ClusterView view() {
    return view;
  }

  /** Has a task run after each refresh of the view. */
  public void onRefresh(Runnable listener) {
    listeners.add(listener);
  }

  /** The connection to an address; a broken one is replaced. */
  BrokerChannel channel(BrokerAddress address) {
    BrokerChannel channel = channels.get(address);
    if (channel == null || !channel.isUsable()) {
      if (channel != null) {
        channel.close();
      }
      channel = runtime.connect(address);
      channels.put(address, channel);
    }
    return channel;
  }

  /** The connection to a broker; none while its address is unknown, or after {@link #close}. */
  public Optional<BrokerChannel> channel(int nodeId) {
    return closed ? Optional.empty() : view.address(nodeId).map(this::channel);
  }

  /**
   * Asks any broker.
   *
   * @param question put to one broker after the other, with the time it may take in ms
   * @param repeatable whether it may be put again when the outcome of a try is unknown
   * @param timeoutMs for everything
   * @return fails with {@link HighwaterException}; {@link BrokerUnreachableException} when no
   *     broker can be reached, in time or, for who does not wait for brokers, in a few rounds
   */
  public <T> CompletableFuture<T> askAny(
      BiFunction<BrokerChannel, Long, CompletableFuture<T>> question,
      boolean repeatable,
      long timeoutMs) {
    Question<T> asked = question::apply;
    int rounds = config.waitsForBrokers() ? Integer.MAX_VALUE : MAX_UNREACHABLE_ROUNDS;
    return new BrokerCall<>(this, asked, repeatable, rounds, timeoutMs).start();
  }

  /**
   * A topic's description, from the view if it is known there; followed from now on.
   *
   * @return fails with UNKNOWN_TOPIC_OR_PARTITION when brokers keep saying that there is none, and
   *     with INCONSISTENT_CLUSTER_ID when they are another cluster than before
   */
  public CompletableFuture<TopicDescription> topic(String name, long timeoutMs) {
    Optional<TopicDescription> known = view.topic(name);
    if (known.isPresent() && view.replaced() == null) {
      follow(name);
      return CompletableFuture.completedFuture(known.get());
    }
    return topicNow(name, timeoutMs);
  }

  /** A topic's description as of now, from a broker in any case; else as {@link #topic}. */
  public CompletableFuture<TopicDescription> topicNow(String name, long timeoutMs) {
    CompletableFuture<TopicDescription> described = new CompletableFuture<>();
    long graceMs = Math.min(UNKNOWN_TOPIC_GRACE_MS, timeoutMs);
    describe(name, runtime.nanoClock().nanoTime() + graceMs * 1_000_000, timeoutMs, described);
    return described;
  }

  private void describe(
      String name, long graceEndNanos, long timeoutMs, CompletableFuture<TopicDescription> answer) {
    CompletableFuture<TopicListing> listing =
        askAny((broker, ms) -> broker.describeTopics(List.of(name), ms), true, timeoutMs);
    Answers.handle(
        listing,
        (found, thrown) -> {
          if (thrown != null) {
            answer.completeExceptionally(thrown);
            return;
          }
          view.apply(found);
          Optional<TopicDescription> topic = view.topic(name);
          if (view.replaced() != null) {
            answer.completeExceptionally(view.replaced());
          } else if (topic.isPresent()) {
            follow(name);
            answer.complete(topic.get());
          } else if (runtime.nanoClock().nanoTime() < graceEndNanos) {
            // A broker may hear of a new topic a moment later than its creator.
            schedule(100, () -> describe(name, graceEndNanos, timeoutMs, answer));
          } else {
            answer.completeExceptionally(
                new HighwaterException(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic '" + name + "'"));
          }
        });
  }

  private void follow(String name) {
    boolean first = followed.isEmpty();
    followed.add(name);
    if (first) {
      refreshWhenOld();
    }
  }

  private void refreshWhenOld() {
    schedule(
        config.metadataMaxAgeMs(),
        () -> {
          if (!closed) {
            requestRefresh();
            refreshWhenOld();
          }
        });
  }

  /** Refreshes the followed topics soon: at once when it is calm, else after a growing delay. */
  public void requestRefresh() {
    if (closed || followed.isEmpty()) {
      return;
    }
    if (refreshing) {
      refreshAgain = true;
      return;
    }
    refreshing = true;
    long now = runtime.nanoClock().nanoTime();
    if (refreshesInRow == 0 || now - refreshedNanos > CALM_NANOS) {
      refreshesInRow = 1;
      refresh();
    } else {
      schedule(BETWEEN_REFRESHES.delayMs(refreshesInRow++, runtime.random()), this::refresh);
    }
  }

  /** The same, asking a broker last that may hang. */
  public void requestRefreshFromOthers(int nodeId) {
    view.address(nodeId).ifPresent(this::failed);
    requestRefresh();
  }

  private void refresh() {
    Question<TopicListing> question = (broker, ms) -> broker.describeTopics(followed, ms);
    Answers.handle(
        new BrokerCall<>(this, question, true, 1, config.requestTimeoutMs(), REFRESH_TRY_TIMEOUT_MS)
            .start(),
        (listing, thrown) -> {
          refreshing = false;
          refreshedNanos = runtime.nanoClock().nanoTime();
          if (listing != null) {
            view.apply(listing);
          }
          for (Runnable listener : listeners) {
            listener.run();
          }
          if (refreshAgain) {
            refreshAgain = false;
            requestRefresh();
          }
        });
  }

  /** Closes all connections; none is made any more. */
  public void close() {
    closed = true;
    for (BrokerChannel channel : channels.values()) {
      channel.close();
    }
    channels.clear();
  }

  /** Addresses to ask, the one that answered last first, those that did not answer last. */
  List<BrokerAddress> candidates() {
    Set<BrokerAddress> candidates = new LinkedHashSet<>(preferred);
    candidates.addAll(config.bootstrap());
    candidates.addAll(view.addresses());
    List<BrokerAddress> known = new ArrayList<>(candidates);
    List<BrokerAddress> ordered = new ArrayList<>(known);
    ordered.removeAll(failed);
    failed.stream().filter(known::contains).forEach(ordered::add);
    return ordered;
  }

  void answered(BrokerAddress address) {
    failed.remove(address);
    if (preferred.isEmpty() || !preferred.get(0).equals(address)) {
      preferred.remove(address);
      preferred.add(0, address);
    }
  }

  void failed(BrokerAddress address) {
    preferred.remove(address);
    failed.remove(address);
    failed.add(address);
  }

  boolean isClosed() {
    return closed;
  }

  void schedule(long delayMs, Runnable task) {
    runtime.loop().schedule(delayMs, task);
  }

  long nanoTime() {
    return runtime.nanoClock().nanoTime();
  }

  double random() {
    return runtime.random();
  }

  long requestTimeoutMs() {
    return config.requestTimeoutMs();
  }
}
