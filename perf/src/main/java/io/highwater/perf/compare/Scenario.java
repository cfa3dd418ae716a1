package io.highwater.perf.compare;

import io.highwater.perf.system.Topology;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Something that all systems are made to do alike.
 *
 * @param name path-like, unique
 * @param group what it is shown with
 * @param label its name within the group
 * @param topology what it runs on
 * @param recordBytes size of each JSON-like record
 * @param codec none, lz4 or zstd
 * @param acks 0, 1 or all
 * @param batchBytes where a client closes a batch
 * @param lingerMs how long a client waits for more records
 * @param rate records per second, by the clock; 0 for as many as the client takes
 * @param synchronous whether each record waits for the answer to the one before
 * @param records how many, after as many to warm up; 0 when time decides
 * @param systems names of those that take part
 * @param headline the metrics to show, the one that it is about first
 */
public record Scenario(
    String name,
    String group,
    String label,
    Work work,
    Topology topology,
    int recordBytes,
    String codec,
    String acks,
    int batchBytes,
    int lingerMs,
    double rate,
    boolean synchronous,
    long records,
    List<String> systems,
    List<Metric> headline) {
  public Scenario {
    systems = List.copyOf(systems);
    headline = List.copyOf(headline);
  }

  /** The work's settings for people, as far as they matter. */
  Map<String, String> configuration() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("work", work.name().toLowerCase(Locale.ROOT));
    settings.put("topology", topology.name().toLowerCase(Locale.ROOT));
    settings.put("recordBytes", String.valueOf(recordBytes));
    settings.put("codec", codec);
    settings.put("acks", acks);
    settings.put("flush", "to the page cache; no fsync before an acknowledgement");
    settings.put("batchBytes", String.valueOf(batchBytes));
    settings.put("lingerMs", String.valueOf(lingerMs));
    settings.put("rate", rate == 0 ? "unlimited" : String.format(Locale.ROOT, "%.0f/s", rate));
    settings.put("synchronous", String.valueOf(synchronous));
    if (records > 0) {
      settings.put("records", String.valueOf(records));
    }
    return settings;
  }
}
