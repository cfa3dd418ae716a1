package io.highwater.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NamesLineTest {
  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "t-" + i).toList();
  }

  @Test
  void beyondTwentyTheNumberIsToldInsteadOfTheNames() {
    assertThat(NamesLine.of("moving", List.of())).isEmpty();
    assertThat(NamesLine.of("moving", names(2))).isEqualTo("\nmoving t-0 t-1");
    assertThat(NamesLine.of("moving", names(20))).endsWith(" t-18 t-19");
    assertThat(NamesLine.of("moving", names(3006)))
        .startsWith("\nmoving t-0 t-1 ")
        .endsWith(" t-18 t-19 and 2986 more");
  }
}
