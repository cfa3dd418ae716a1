package io.highwater.replication.control.observer;

import io.highwater.proto.HighwaterException;
import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.PublishingMetadataLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metadata log at a broker outside the quorum. Follows one controller, the active one if it is
 * known, and turns to the next when the stream ends or its controller has lost the quorum; goes on
 * at the index reached, so images never go back (CTL-2). Across restarts the registration guards
 * that: a broker acts only upon images that show its own, which is newer than all before.
 */
public final class ObserverMetadataLog extends PublishingMetadataLog {
  private static final Logger LOG = LoggerFactory.getLogger(ObserverMetadataLog.class);
  private static final long RETRY_MS = 100;

  /** A controller without a quorum for so long is left for another one. */
  private static final long PATIENCE_MS = 1_000;

  private final Set<Integer> voters;
  private final QuorumRoute route;
  private final MetadataFeed feed;
  private final OwnerLoop loop;

  private ClusterState state = new ClusterState(ClusterImage.EMPTY);

  /** Asked for, as long as the image's addresses do not lead to a controller. */
  private List<BrokerRegistration> found = List.of();

  private int tries;
  private MetadataFeed.Link link;
  private Cancellable impatience = Cancellable.DONE;
  private boolean lost;
  private boolean closed;

  /**
   * @param voters node ids of the controllers
   * @param route for commands, and for finding the controllers
   * @param feed streams of entries
   * @param loop on which entries are applied and listeners called
   */
  public ObserverMetadataLog(
      Collection<Integer> voters, QuorumRoute route, MetadataFeed feed, OwnerLoop loop) {
    this.voters = Set.copyOf(voters);
    this.route = route;
    this.feed = feed;
    this.loop = loop;
  }

  /** Begins to follow. From any thread. */
  public void start() {
    loop.execute(this::connect);
  }

  @Override
  public CompletableFuture<CommandResult> submit(MetadataCommand command) {
    return submitInForce(command, route::submit);
  }

  @Override
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          disconnect();
        });
    route.close();
  }

  private void connect() {
    if (closed || link != null) {
      return;
    }
    List<Endpoint> endpoints = endpoints();
    if (endpoints.isEmpty() || tries >= endpoints.size()) {
      tries = 0;
      find();
      return;
    }
    Follower follower = new Follower();
    link = feed.open(endpoints.get(tries++), images.get().index(), follower);
    follower.of = link;
  }

  /** Where controllers listen for brokers, the active one first. */
  private List<Endpoint> endpoints() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (BrokerRegistration broker : found.isEmpty() ? images.get().brokers() : found) {
      Endpoint endpoint = broker.endpoints().get(ListenerName.BROKERS);
      boolean first = broker.id() == controllers.get().id();
      // The quorum may have changed since this broker was configured.
      if ((first || voters.contains(broker.id())) && endpoint != null) {
        endpoints.add(first ? 0 : endpoints.size(), endpoint);
      }
    }
    return endpoints;
  }

  /** Controllers may be new, or have moved while nobody told this broker. */
  private void find() {
    var unused =
        route
            .brokers()
            .whenComplete(
                (brokers, failure) ->
                    loop.execute(
                        () -> {
                          if (brokers != null) {
                            found = brokers;
                          } else {
                            tell("no controller answers: " + failure.getMessage());
                          }
                          retry();
                        }));
  }

  /** Once for each time that it is lost. */
  private void tell(String loss) {
    if (!lost) {
      lost = true;
      LOG.info("looking for a controller to follow, {}", loss);
    }
  }

  private void retry() {
    if (!closed) {
      loop.schedule(RETRY_MS, this::connect);
    }
  }

  private void disconnect() {
    impatience.cancel();
    if (link != null) {
      link.close();
      link = null;
    }
  }

  private void apply(long index, MetadataCommand command) {
    if (index > state.image().index()) {
      state.apply(index, command);
      images.update(previous -> state.image());
    }
  }

  /** A level is in force that this software does not speak: its registration is refused, too. */
  private void stop(HighwaterException why) {
    LOG.error("the metadata log cannot be followed: {}", why.getMessage());
    disconnect();
  }

  private void heard(Controller controller) {
    impatience.cancel();
    if (controller.id() == Controller.NONE) {
      impatience = loop.schedule(PATIENCE_MS, this::turnToAnother);
    } else {
      tries = 0;
      lost = false;
      found = List.of();
    }
    learn(controller);
  }

  private void turnToAnother() {
    LOG.info("this controller has no quorum, trying another");
    disconnect();
    connect();
  }

  /** One stream's ears. */
  private final class Follower implements MetadataFeed.Listener {
    private MetadataFeed.Link of;

    private boolean isCurrent() {
      return !closed && link != null && of == link;
    }

    @Override
    public void onEntry(long index, MetadataCommand command) {
      if (isCurrent()) {
        try {
          apply(index, command);
        } catch (HighwaterException e) {
          stop(e);
        }
      }
    }

    @Override
    public void onSnapshot(ClusterImage image) {
      if (isCurrent() && image.index() > state.image().index()) {
        try {
          state = new ClusterState(image);
        } catch (HighwaterException e) {
          stop(e);
          return;
        }
        images.update(previous -> image);
      }
    }

    @Override
    public void onController(Controller controller) {
      if (isCurrent()) {
        heard(controller);
      }
    }

    @Override
    public void onClosed(String reason) {
      if (isCurrent()) {
        tell("the metadata stream ended: " + reason);
        impatience.cancel();
        link = null;
        retry();
      }
    }
  }
}
