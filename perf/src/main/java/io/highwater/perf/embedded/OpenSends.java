package io.highwater.perf.embedded;

import io.highwater.perf.load.SendCompletion;
import java.util.Arrays;

/** Sends that wait for the block they are in, in order. */
final class OpenSends {
  private long[] tokens = new long[1024];
  private SendCompletion[] completions = new SendCompletion[tokens.length];
  private int count;

  void add(long token, SendCompletion completion) {
    if (count == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * count);
      completions = Arrays.copyOf(completions, 2 * count);
    }
    tokens[count] = token;
    completions[count++] = completion;
  }

  int count() {
    return count;
  }

  /** Ends all of them; there are none afterwards. */
  void complete(Throwable failureOrNull) {
    int ended = count;
    count = 0;
    for (int i = 0; i < ended; i++) {
      completions[i].completed(tokens[i], failureOrNull);
    }
  }
}
