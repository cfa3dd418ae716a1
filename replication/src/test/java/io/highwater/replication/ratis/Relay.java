package io.highwater.replication.ratis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;

/** A port on loopback that leads to another, and can swallow what its connections carry. */
public final class Relay implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int target;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Connection> connections = new CopyOnWriteArrayList<>();

  private volatile boolean deaf;

  private Relay(int target) throws IOException {
    this.target = target;
  }

  /** Leads to a port on loopback. */
  public static Relay to(int target) throws IOException {
    Relay relay = new Relay(target);
    relay.threads.execute(relay::accept);
    return relay;
  }

  /** Where it listens. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Nothing gets through the present connections any more, and nobody is told; new ones work. */
  void swallow() {
    connections.forEach(connection -> connection.swallows = true);
  }

  /** Nothing reaches the target any more, by whatever connection; what it says itself does. */
  public void deafen() {
    deaf = true;
  }

  private void accept() {
    try {
      while (true) {
        Socket near = listener.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        Connection connection = new Connection(near, far);
        connections.add(connection);
        threads.execute(() -> connection.pump(near, far, () -> deaf));
        threads.execute(() -> connection.pump(far, near, () -> false));
      }
    } catch (IOException e) {
      if (!listener.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    connections.forEach(Connection::close);
    threads.shutdownNow();
  }

  private static final class Connection {
    private final Socket near;
    private final Socket far;
    private volatile boolean swallows;

    Connection(Socket near, Socket far) {
      this.near = near;
      this.far = far;
    }

    void pump(Socket from, Socket to, BooleanSupplier loses) {
      byte[] bytes = new byte[16_384];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
          if (!swallows && !loses.getAsBoolean()) {
            out.write(bytes, 0, count);
          }
        }
      } catch (IOException gone) {
        closeUnlessSwallowing();
        return;
      }
      closeUnlessSwallowing();
    }

    /** The end of a connection does not get through either. */
    private void closeUnlessSwallowing() {
      if (!swallows) {
        close();
      }
    }

    void close() {
      CloseHelper.quietCloseAll(near, far);
    }
  }
}
