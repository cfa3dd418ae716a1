package io.highwater.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;

/** How answers that come later are taken. */
public final class Answers {
  private Answers() {}

  /**
   * Has an answer handled where it comes.
   *
   * @param handler gets the value, or what it failed with, bare of wrappers; the other one is null
   */
  @SuppressWarnings("FutureReturnValueIgnored") // Both ends are the handler's.
  public static <T> void handle(
      CompletableFuture<T> answer, BiConsumer<? super T, Throwable> handler) {
    answer.whenComplete((value, thrown) -> handler.accept(value, bare(thrown)));
  }

  private static Throwable bare(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
