package io.highwater.perf.load;

import java.util.Arrays;
import java.util.List;

/**
 * One call of a {@link ClusterAdmin} in a JVM of its own: {@code CLASS BOOTSTRAP VERB ARGUMENT…}.
 * Prints one line, {@code done} and what came of it.
 */
public final class AdminMain {
  private AdminMain() {}

  /** Runs the call. */
  public static void main(String[] arguments) throws Exception {
    List<String> words = Arrays.asList(arguments);
    Class<? extends ClusterAdmin> admin =
        Class.forName(words.get(0)).asSubclass(ClusterAdmin.class);
    try (ClusterAdmin cluster = admin.getConstructor().newInstance()) {
      cluster.connect(words.get(1));
      System.out.println("done " + call(cluster, words.get(2), words.subList(3, words.size())));
    }
  }

  private static String call(ClusterAdmin cluster, String verb, List<String> arguments)
      throws Exception {
    switch (verb) {
      case "await-brokers" -> cluster.awaitBrokers(Integer.parseInt(arguments.get(0)));
      case "create-topic" ->
          cluster.createTopic(
              arguments.get(0),
              Integer.parseInt(arguments.get(1)),
              Integer.parseInt(arguments.get(2)),
              Integer.parseInt(arguments.get(3)));
      case "leader-of" -> {
        return String.valueOf(
            cluster.leaderOf(arguments.get(0), Integer.parseInt(arguments.get(1))));
      }
      case "controller" -> {
        return String.valueOf(cluster.controller());
      }
      default -> throw new IllegalArgumentException("no verb " + verb);
    }
    return verb;
  }
}
