package io.highwater.log.kafka;

import io.highwater.log.EpochHistory;
import io.highwater.log.index.AbortedTransaction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A log that Kafka's own log layer wrote, and what it says is in it. */
final class KafkaLog {
  static final String PARTITION = "orders-3";

  final Path root;
  final List<String> records = new ArrayList<>();
  final List<AbortedTransaction> aborted = new ArrayList<>();
  final List<EpochHistory.Entry> epochs = new ArrayList<>();
  final Map<Long, String> producers = new TreeMap<>();
  int segments;
  long start;
  long end;
  long lastStable;

  private KafkaLog(Path root) {
    this.root = root;
  }

  /**
   * Lets Kafka write one.
   *
   * @param ending {@code clean} or {@code killed}
   * @param deleteBelow offset that becomes the log start
   */
  static KafkaLog write(Path scratch, String ending, long deleteBelow)
      throws IOException, InterruptedException {
    KafkaLog written = new KafkaLog(scratch.resolve("kafkas-" + ending + "-" + deleteBelow));
    Path program = Path.of("src", "test", "kafka-tools", "WriteLog.java").toAbsolutePath();
    KafkaTools.run(
            scratch,
            program.toString(),
            written.root.toString(),
            PARTITION,
            ending,
            Long.toString(deleteBelow))
        .lines()
        .forEach(written::take);
    return written;
  }

  private void take(String line) {
    String[] words = line.split(" ", 2);
    switch (words[0]) {
      case "record" -> records.add(words[1]);
      case "segment" -> segments++;
      case "start" -> start = Long.parseLong(words[1]);
      case "end" -> end = Long.parseLong(words[1]);
      case "stable" -> lastStable = Long.parseLong(words[1]);
      case "producer" -> producers.put(Long.parseLong(words[1].split(" ", -1)[0]), words[1]);
      case "aborted" -> {
        String[] numbers = words[1].split(" ", -1);
        aborted.add(
            new AbortedTransaction(
                Long.parseLong(numbers[0]),
                Long.parseLong(numbers[1]),
                Long.parseLong(numbers[2]),
                Long.parseLong(numbers[3])));
      }
      case "epochs" -> {
        Matcher entry = Pattern.compile("epoch=(\\d+), startOffset=(\\d+)").matcher(words[1]);
        while (entry.find()) {
          epochs.add(
              new EpochHistory.Entry(
                  Integer.parseInt(entry.group(1)), Long.parseLong(entry.group(2))));
        }
      }
      default -> {}
    }
  }

  /** Its records from an offset on: "offset timestamp value". */
  List<String> recordsFrom(long offset) {
    return records.stream()
        .filter(record -> Long.parseLong(record.substring(0, record.indexOf(' '))) >= offset)
        .toList();
  }
}
