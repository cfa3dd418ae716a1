package io.highwater.client.cli;

import io.highwater.client.ReplicaMove;
import java.util.List;

/** Moves of replicas as verbs print them. */
final class Moves {
  record Move(String topic, int partition, List<Integer> from, List<Integer> to) {}

  private Moves() {}

  static List<Move> of(List<ReplicaMove> moves) {
    return moves.stream()
        .map(
            move ->
                new Move(
                    move.partition().topic(), move.partition().partition(), move.from(), move.to()))
        .toList();
  }

  static String table(List<Move> moves) {
    Table table = new Table("PARTITION", "FROM", "TO");
    for (Move move : moves) {
      table.row(
          move.topic + "-" + move.partition,
          TopicDescribeVerb.join(move.from),
          TopicDescribeVerb.join(move.to));
    }
    return table.toString();
  }
}
