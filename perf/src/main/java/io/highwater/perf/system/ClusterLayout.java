package io.highwater.perf.system;

import io.highwater.client.cli.LoopbackPorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Where the brokers of a cluster listen and keep their files.
 *
 * @param directory of all of them
 * @param brokers how many, numbered from 1
 * @param ports {@value #LISTENERS} of each broker
 */
record ClusterLayout(Path directory, int brokers, List<Integer> ports) {
  /** Listeners that a broker may have. */
  static final int LISTENERS = 4;

  /** For clients. */
  static final int CLIENTS = 0;

  /** For the quorum of controllers. */
  static final int CONTROLLERS = 1;

  ClusterLayout {
    ports = List.copyOf(ports);
  }

  /** A layout on ports that are free now. */
  static ClusterLayout in(Path directory, int brokers) throws IOException {
    return new ClusterLayout(directory, brokers, LoopbackPorts.find(brokers * LISTENERS));
  }

  /** Host and port of a listener. */
  String address(int broker, int listener) {
    return LoopbackPorts.HOST + ":" + ports.get((broker - 1) * LISTENERS + listener);
  }

  /** All brokers' addresses for clients. */
  String bootstrap() {
    return numbers().mapToObj(b -> address(b, CLIENTS)).collect(Collectors.joining(","));
  }

  /** All controllers, as {@code controller.quorum.voters} names them. */
  String voters() {
    return numbers()
        .mapToObj(b -> b + "@" + address(b, CONTROLLERS))
        .collect(Collectors.joining(","));
  }

  /** A broker's data directory. */
  Path dataOf(int broker) {
    return directory.resolve("broker-" + broker);
  }

  /** Where a broker's standard error goes. */
  Path logOf(int broker) {
    return directory.resolve("broker-" + broker + ".log");
  }

  IntStream numbers() {
    return IntStream.rangeClosed(1, brokers);
  }
}
