package io.highwater.perf.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The other side of {@link TcpFloorTarget}: {@code PORT}. Serves one connection after the other.
 */
public final class TcpFloorMain {
  private static final int READ_BYTES = 256 << 10;

  private TcpFloorMain() {}

  /** Serves until it is killed. */
  public static void main(String[] arguments) throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(loopback, Integer.parseInt(arguments[0])));
      while (true) {
        try (SocketChannel connection = server.accept()) {
          serve(connection);
        }
      }
    }
  }

  /** Reads blocks and answers each; returns at the end of the connection. */
  private static void serve(SocketChannel connection) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(READ_BYTES);
    ByteBuffer answer = ByteBuffer.allocateDirect(1);
    long blockBytes = 0;
    while (connection.read(bytes) >= 0) {
      bytes.flip();
      while (blockBytes > 0 || bytes.remaining() >= Block.HEADER_BYTES) {
        if (blockBytes == 0) {
          blockBytes = Block.HEADER_BYTES + (long) bytes.getInt(bytes.position());
        }
        int taken = (int) Math.min(blockBytes, bytes.remaining());
        bytes.position(bytes.position() + taken);
        blockBytes -= taken;
        if (blockBytes > 0) {
          break;
        }
        connection.write(answer.clear());
      }
      bytes.compact();
    }
  }
}
