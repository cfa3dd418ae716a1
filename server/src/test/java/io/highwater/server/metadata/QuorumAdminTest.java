package io.highwater.server.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.QuorumMembership;
import io.highwater.replication.control.QuorumVoter;
import io.highwater.server.partition.TopicCatalog;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class QuorumAdminTest {
  private static final Endpoint OLD = new Endpoint("127.0.0.1", 7462);
  private static final Endpoint NEW = new Endpoint("127.0.0.1", 8462);

  private final ClusterState cluster = new ClusterState(ClusterImage.EMPTY);

  /** A restarted controller with another port is at that, whatever the quorum's log says. */
  @Test
  void controllersAreWhereTheyRegisteredAtLast() {
    cluster.apply(1, new MetadataCommand.FormatCluster("test")).orThrow();
    cluster
        .apply(
            2,
            new MetadataCommand.RegisterBroker(
                1,
                new UUID(1, 1),
                new UUID(3, 1),
                -1,
                -1,
                Map.of(ListenerName.CONTROLLER, NEW),
                "test"))
        .orThrow();
    TopicCatalog catalog = new TopicCatalog();
    catalog.apply(cluster.image());

    QuorumMembers members =
        new QuorumAdmin(1, catalog, new Leading(), () -> Optional.of(new LoggedMembers()))
            .describe()
            .join();

    assertThat(members.voters())
        .containsExactly(new QuorumVoter(1, NEW, true), new QuorumVoter(2, OLD, false));
  }

  /** The quorum's log names two controllers, of which the second never registered. */
  private static final class LoggedMembers implements QuorumMembership {
    @Override
    public CompletableFuture<List<QuorumVoter>> voters() {
      return CompletableFuture.completedFuture(
          List.of(new QuorumVoter(1, OLD, true), new QuorumVoter(2, OLD, false)));
    }

    @Override
    public CompletableFuture<List<QuorumVoter>> add(int nodeId, Endpoint endpoint, boolean dryRun) {
      return voters();
    }

    @Override
    public CompletableFuture<List<QuorumVoter>> remove(int nodeId, boolean dryRun) {
      return voters();
    }
  }

  /** Node 1 is the controller. */
  private static final class Leading implements MetadataLog {
    @Override
    public CompletableFuture<CommandResult> submit(MetadataCommand command) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ClusterImage image() {
      return ClusterImage.EMPTY;
    }

    @Override
    public void follow(Consumer<ClusterImage> listener) {}

    @Override
    public Controller controller() {
      return new Controller(1, 1);
    }

    @Override
    public void onControllerChange(Consumer<Controller> listener) {}

    @Override
    public void close() {}
  }
}
