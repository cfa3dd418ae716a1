package io.highwater.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How answers that come later are taken. */
public final class Answers {
  private static final Logger log = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  /**
   * Has an answer handled where it comes.
   *
   * @param handler gets the value, or what it failed with, bare of wrappers; the other one is null.
   *     It must not throw: nobody would hear, so it is logged as an error
   */
  @SuppressWarnings("FutureReturnValueIgnored") // Both ends are the handler's.
  public static <T> void handle(
      CompletableFuture<T> answer, BiConsumer<? super T, Throwable> handler) {
    answer.whenComplete(
        (value, thrown) -> {
          try {
            handler.accept(value, bare(thrown));
          } catch (RuntimeException | Error e) {
            log.error("client: an answer's handler failed, which none may", e);
            throw e;
          }
        });
  }

  private static Throwable bare(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
