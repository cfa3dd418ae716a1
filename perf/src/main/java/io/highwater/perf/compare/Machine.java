package io.highwater.perf.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Where something was measured; without names, so that results may be shown.
 *
 * @param cpu model
 * @param cores that this process may use
 * @param memoryBytes of the machine
 * @param os name and version
 * @param java runtime's version
 */
public record Machine(String cpu, int cores, long memoryBytes, String os, String java) {
  /** What older results say. */
  public static final Machine UNKNOWN = new Machine("unknown", 0, 0, "unknown", "unknown");

  private static final long BYTES_PER_KIB = 1024;

  public Machine {
    cpu = cpu == null ? "unknown" : cpu;
    os = os == null ? "unknown" : os;
    java = java == null ? "unknown" : java;
  }

  /** This machine, as Linux tells it; what it does not tell is unknown. */
  public static Machine here() {
    return new Machine(
        field("/proc/cpuinfo", "model name", "unknown"),
        Runtime.getRuntime().availableProcessors(),
        kib(field("/proc/meminfo", "MemTotal", "0 kB")) * BYTES_PER_KIB,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.runtime.version"));
  }

  /** For people. */
  public String text() {
    return String.format(
        Locale.ROOT, "%s, %d cores, %.0f GB, %s, Java %s", cpu, cores, memoryBytes / 1e9, os, java);
  }

  private static String field(String file, String name, String otherwise) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(otherwise);
    } catch (IOException absent) {
      return otherwise;
    }
  }

  private static long kib(String text) {
    return Long.parseLong(text.replaceAll("[^0-9]", ""));
  }
}
