package io.highwater.client.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Finds free ports on loopback. They lie below the range from which systems take ports for outgoing
 * connections, or such a connection could take the port of a broker that is down for a moment.
 */
public final class LoopbackPorts {
  /** The address that local brokers listen on. */
  public static final String HOST = "127.0.0.1";

  private static final int FIRST = 20_000;
  private static final int END = 32_000;
  private static final int MAX_TRIES = 1_000;

  private LoopbackPorts() {}

  /**
   * Ports that were free a moment ago, all different.
   *
   * @throws IOException when there are not enough
   */
  public static List<Integer> find(int count) throws IOException {
    SplittableRandom random = new SplittableRandom();
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int tries = 0; held.size() < count; tries++) {
        if (tries == MAX_TRIES) {
          throw new IOException(
              "not enough free ports from " + FIRST + " to " + END + " on " + HOST);
        }
        ServerSocket socket = bind(random.nextInt(FIRST, END));
        if (socket != null) {
          held.add(socket);
        }
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }

  private static ServerSocket bind(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
      return socket;
    } catch (IOException taken) {
      socket.close();
      return null;
    }
  }
}
