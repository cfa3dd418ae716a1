package io.highwater.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.server.config.HostPort;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Map;

/**
 * Half of an HTTP/2 client: it sends whatever it is told, in pieces of its own choice, and takes
 * none of the care that libraries take.
 */
final class RawHttp2 implements AutoCloseable {
  private static final int PATIENCE_MS = 30_000;
  private static final int MAX_FRAME_BYTES = 16 << 10;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int END_HEADERS = 4;
  private static final int ACK = 1;
  private static final int MAX_PINGS = 3;

  /** So that the server's headers come as literals. */
  private static final byte[] NO_HEADER_TABLE = {0, 1, 0, 0, 0, 0};

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private int lastStream = -1;

  /** Connects, and waits until the server's windows are open. */
  RawHttp2(HostPort address) throws IOException {
    socket = new Socket(address.host(), address.port());
    socket.setSoTimeout(PATIENCE_MS);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
    out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    frame(SETTINGS, 0, 0, NO_HEADER_TABLE, NO_HEADER_TABLE.length);
    int windowUpdate = 8;
    Frame came = read();
    while (came.type != windowUpdate) {
      came = read();
    }
  }

  /** What came: literals in HEADERS are there to be read. */
  record Frame(int type, int flags, int stream, String text) {}

  /** Begins a call; returns its stream. */
  int call(String path) throws IOException {
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    literal(headers, ":method", "POST");
    literal(headers, ":scheme", "http");
    literal(headers, ":path", path);
    literal(headers, ":authority", "test");
    for (Map.Entry<String, String> entry :
        Map.of("te", "trailers", "content-type", "application/grpc").entrySet()) {
      literal(headers, entry.getKey(), entry.getValue());
    }
    lastStream += 2;
    frame(HEADERS, END_HEADERS, lastStream, headers.toByteArray(), headers.size());
    return lastStream;
  }

  private static void literal(ByteArrayOutputStream target, String name, String value) {
    target.write(0);
    for (String text : new String[] {name, value}) {
      target.write(text.length());
      target.writeBytes(text.getBytes(ISO_8859_1));
    }
  }

  /**
   * Says that a message of {@code length} bytes comes, and sends the first {@code sent} of them.
   */
  void beginMessage(int stream, int length, int sent) throws IOException {
    byte[] bytes = new byte[5 + sent];
    bytes[1] = (byte) (length >> 24);
    bytes[2] = (byte) (length >> 16);
    bytes[3] = (byte) (length >> 8);
    bytes[4] = (byte) length;
    data(stream, bytes);
  }

  /** Sends bytes as they are. */
  void data(int stream, byte[] bytes) throws IOException {
    for (int from = 0; from < bytes.length; from += MAX_FRAME_BYTES) {
      int count = Math.min(MAX_FRAME_BYTES, bytes.length - from);
      frame(DATA, 0, stream, Arrays.copyOfRange(bytes, from, from + count), count);
    }
  }

  private void frame(int type, int flags, int stream, byte[] payload, int length)
      throws IOException {
    out.writeShort(length >> 8);
    out.writeByte(length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload, 0, length);
    out.flush();
  }

  /** The next header frame of a stream: how its call ended. */
  String end(int stream) throws IOException {
    Frame came = read();
    while (came.type != HEADERS || came.stream != stream) {
      came = read();
    }
    return came.text();
  }

  /** Returns once the server has ended the connection; fails if it keeps it. */
  void awaitEnd() {
    int pings = 0;
    try {
      while (pings < MAX_PINGS) {
        pings += read().type == PING ? 1 : 0;
      }
    } catch (SocketTimeoutException e) {
      pings = MAX_PINGS;
    } catch (IOException e) {
      // Its end.
    }
    assertThat(pings).as("signs of life").isLessThan(MAX_PINGS);
  }

  /** The next frame, once pings and settings are answered. */
  private Frame read() throws IOException {
    int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = in.readNBytes(length);
    if (type == SETTINGS && flags == 0) {
      frame(SETTINGS, ACK, 0, new byte[0], 0);
    }
    if (type == PING && flags == 0) {
      frame(PING, ACK, 0, payload, length);
    }
    return new Frame(type, flags, stream, new String(payload, ISO_8859_1));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
