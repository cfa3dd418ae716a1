package io.highwater.perf.embedded;

import io.highwater.perf.load.LoadTarget;
import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.SinkConfig;
import io.highwater.perf.load.SourceConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/**
 * The least that a client can do: records gathered into blocks of 64 KiB, sent over a connection to
 * a process that reads them and answers each block with one byte. Nobody keeps them.
 */
public final class TcpFloorTarget implements LoadTarget {
  private static final int DEFAULT_IN_FLIGHT = 5;

  @Override
  public RecordSink sink(SinkConfig config) {
    int colon = config.bootstrap().lastIndexOf(':');
    InetSocketAddress address =
        new InetSocketAddress(
            config.bootstrap().substring(0, colon),
            Integer.parseInt(config.bootstrap().substring(colon + 1)));
    try {
      return new TcpFloorSink(
          SocketChannel.open(address),
          config.inFlight() > 0 ? config.inFlight() : DEFAULT_IN_FLIGHT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public RecordSource source(SourceConfig config) {
    throw new IllegalArgumentException("what goes over the connection is not kept");
  }

  @Override
  public void close() {
    // Sinks hold what there is to hold.
  }
}
