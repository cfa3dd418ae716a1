package io.highwater.perf.embedded;

import io.highwater.perf.load.ClusterAdmin;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/** Knows of {@link TcpFloorMain} only whether it listens. */
public final class TcpFloorAdmin implements ClusterAdmin {
  private static final long PAUSE_MS = 20;

  private String host;
  private int port;

  @Override
  public void connect(String bootstrap) {
    int colon = bootstrap.lastIndexOf(':');
    host = bootstrap.substring(0, colon);
    port = Integer.parseInt(bootstrap.substring(colon + 1));
  }

  @Override
  public void awaitBrokers(int count) throws InterruptedException {
    while (!listens()) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
    }
  }

  private boolean listens() {
    try (Socket socket = new Socket(host, port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void createTopic(String name, int partitions, int replicationFactor, int minInSync) {
    // Nothing is kept, under no name.
  }

  @Override
  public int leaderOf(String topic, int partition) {
    return 1;
  }

  @Override
  public int controller() {
    return 1;
  }

  @Override
  public void close() {
    // Every look is a connection of its own.
  }
}
