package io.highwater.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.v1.DescribeClusterRequest;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many connections there may be, and how long those that say nothing (INP-1). */
class ConnectionLimitsTest {
  private static final int PATIENCE_MS = 30_000;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  @TempDir Path data;

  @Test
  void aConnectionAboveTheLimitIsToldWhichAndThoseBelowGoOn() throws IOException {
    try (BrokerFixture brokers = new BrokerFixture()) {
      HighwaterServer broker = brokers.start(data, "max.connections.per.ip", "3");
      TestClient client = brokers.client(broker);
      client.createTopic("t", 1, java.util.Map.of());
      List<Socket> others = new ArrayList<>(List.of(open(broker), open(broker)));

      try (Socket refused = open(broker)) {
        assertThat(readToEnd(refused)).contains("max.connections.per.ip=3");
      }
      assertThatThrownBy(() -> brokers.client(broker).metadata().describeCluster(describe()))
          .hasMessageContaining("max.connections.per.ip=3");

      assertThat(client.metadata().describeCluster(describe()).getBrokersCount()).isEqualTo(1);
      for (Socket other : others) {
        other.close();
      }
    }
  }

  @Test
  void aConnectionThatSaysHalfAPrefaceEnds() throws IOException {
    try (BrokerFixture brokers = new BrokerFixture()) {
      HighwaterServer broker = brokers.start(data);
      try (Socket half = open(broker);
          Socket silent = open(broker)) {
        half.getOutputStream().write(PREFACE.substring(0, 10).getBytes(ISO_8859_1));
        readToEnd(half);
        readToEnd(silent);
      }
    }
  }

  @Test
  void aConnectionWithoutCallsEndsAfterTheIdleTime() throws IOException {
    try (BrokerFixture brokers = new BrokerFixture()) {
      HighwaterServer broker = brokers.start(data, "connections.max.idle.ms", "1000");
      try (Socket idle = open(broker)) {
        idle.getOutputStream().write(PREFACE.getBytes(ISO_8859_1));
        idle.getOutputStream().write(EMPTY_SETTINGS);
        assertThat(readToEnd(idle)).contains("max_idle");
      }
    }
  }

  private static DescribeClusterRequest describe() {
    return DescribeClusterRequest.getDefaultInstance();
  }

  private static Socket open(HighwaterServer broker) throws IOException {
    HostPort address = broker.address(Listener.CLIENTS);
    Socket socket = new Socket(address.host(), address.port());
    socket.setSoTimeout(PATIENCE_MS);
    return socket;
  }

  private static String readToEnd(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }
}
