package io.highwater.perf.system;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.highwater.perf.load.AckProbeMain;
import io.highwater.perf.load.AdminMain;
import io.highwater.perf.load.LoadJson;
import io.highwater.perf.load.LoadMain;
import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadSpec;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * How the JVMs of a system's clients are started: with the same flags whatever the system.
 *
 * @param system its name
 * @param classPath of its client, with ours
 * @param flags that it needs besides the common ones
 * @param target class name of its {@link io.highwater.perf.load.LoadTarget}
 * @param admin class name of its {@link io.highwater.perf.load.ClusterAdmin}, or null
 * @param log where standard error goes, appended
 */
record ClientJvm(
    String system, String classPath, List<String> flags, String target, String admin, Path log) {
  /** How long a client may take for anything that is not load. */
  static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** How the answer of an admin client begins. */
  static final String DONE = "done ";

  private static final Duration LOAD_TIMEOUT = Duration.ofMinutes(30);
  private static final List<String> LOAD_FLAGS =
      List.of("-Xms1g", "-Xmx1g", "-XX:+UseParallelGC", "-XX:-UsePerfData");
  private static final List<String> SMALL_FLAGS =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1");

  ClientJvm {
    flags = List.copyOf(flags);
  }

  /** What a reader must know of the clients. */
  static String describe() {
    return String.join(" ", LOAD_FLAGS);
  }

  /** The part of our class path that a client JVM of a peer needs: the load generators. */
  static String loadClassPath() {
    return Stream.of(
            LoadMain.class,
            Histogram.class,
            ObjectMapper.class,
            JsonFactory.class,
            JsonProperty.class)
        .map(Checkout::codeOf)
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** The flags of this process that open packages of the JDK. */
  static List<String> opens() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(
            flag ->
                flag.startsWith("--add-opens")
                    || flag.startsWith("--enable-native-access")
                    || flag.startsWith("--sun-misc-unsafe-memory-access"))
        .toList();
  }

  /** The program that starts a JVM like this one. */
  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Runs load to its end. */
  LoadResult load(LoadSpec spec, String bootstrap, List<Long> brokerPids) {
    String json = LoadJson.line(spec.against(target, bootstrap, brokerPids));
    try (ChildProcess client = start("client", LOAD_FLAGS, LoadMain.class, List.of(json))) {
      return LoadJson.result(client.awaitLine("{", LOAD_TIMEOUT));
    }
  }

  /** Makes one call of the admin client. */
  String admin(String bootstrap, String... verbAndArguments) {
    try (ChildProcess client = startAdmin(bootstrap, verbAndArguments)) {
      return client.awaitLine(DONE, TIMEOUT).substring(DONE.length());
    }
  }

  /** Starts a call of the admin client, which says {@link #DONE} in the end. */
  ChildProcess startAdmin(String bootstrap, String... verbAndArguments) {
    List<String> arguments = new ArrayList<>(List.of(admin, bootstrap));
    arguments.addAll(List.of(verbAndArguments));
    return start("admin", SMALL_FLAGS, AdminMain.class, arguments);
  }

  /** Starts the client of an {@link AckProbe}. */
  ChildProcess startProbe(String bootstrap, String topic, int partition, String acks) {
    return start(
        "probe",
        LOAD_FLAGS,
        AckProbeMain.class,
        List.of(target, bootstrap, topic, String.valueOf(partition), acks));
  }

  private ChildProcess start(
      String role, List<String> ownFlags, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(ownFlags);
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(arguments);
    return ChildProcess.start(system + " " + role, command, log);
  }
}
