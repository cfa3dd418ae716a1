package io.highwater.replication.control;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The replicated log of cluster metadata, as a member sees it: commands go in, images come out.
 * Safe for use by any thread.
 */
public interface MetadataLog extends AutoCloseable {

  /**
   * Appends a command to the log, from any member.
   *
   * <p>Completes once the command is committed and applied by the quorum's leader; an image of the
   * result's index or later reaches this member by {@link #follow} soon after, if it is not here
   * yet. A rejection is a normal result. Completes exceptionally with a {@code HighwaterException}
   * of {@code REQUEST_TIMED_OUT} when it is unknown whether the command took or will take effect,
   * and of {@code NOT_CONTROLLER} when it certainly will not. Completes on a thread of the log:
   * callers hand over to their own loop.
   */
  CompletableFuture<CommandResult> submit(MetadataCommand command);

  /**
   * The same for callers who want to be called.
   *
   * @param whenDone gets the result, or else the failure, on a thread of the log; must not throw
   */
  default void submit(MetadataCommand command, BiConsumer<CommandResult, Throwable> whenDone) {
    var unused = submit(command).whenComplete(whenDone);
  }

  /**
   * The same, but past this member, whose disk or whose threads may stand: by another one, where
   * there is one.
   */
  default CompletableFuture<CommandResult> submitByOthers(MetadataCommand command) {
    return submit(command);
  }

  /** The newest image that this member knows. */
  ClusterImage image();

  /**
   * Calls the listener with the present image before it returns, then with every later one in order
   * (CTL-2), one at a time, on the log's own thread. A listener must return soon and not throw.
   */
  void follow(Consumer<ClusterImage> listener);

  /** Node ids of the quorum's members, as far as this member knows; none where it is none. */
  default Set<Integer> controllers() {
    return Set.of();
  }

  /** Who is the active controller, as far as this member knows. */
  Controller controller();

  /**
   * Calls the listener with what is known now before it returns, then with every change, in order,
   * one at a time, on the log's own thread.
   */
  void onControllerChange(Consumer<Controller> listener);

  /**
   * Hands the quorum's leadership to another member, if this one has it, so that there is no
   * election when it goes.
   *
   * @return completes on any thread when another leads or nobody could take over; never fails
   */
  default CompletableFuture<Void> resign() {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Hands the quorum's leadership to one of these members, if this one has it.
   *
   * @param successors node ids in the order in which they are asked; who is no member is passed
   *     over
   * @return completes on any thread when another leads or none of them took over; never fails
   */
  default CompletableFuture<Void> resignTo(List<Integer> successors) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Ends this member's leadership of the quorum, if it has it, although it may not be able to write
   * any more: to whoever takes it, else by force, after which the others elect. Waits for no disk.
   *
   * @return completes on any thread when this member does not lead any more or has to be asked
   *     again; never fails
   */
  default CompletableFuture<Void> stepDown() {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * For how long at least an entry of the log has waited for this member's disk, in ms; 0 when none
   * does. Waits for nothing.
   */
  default long unflushedMs() {
    return 0;
  }

  /** Leaves the quorum and frees everything; pending submits complete exceptionally. */
  @Override
  void close();

  /**
   * The quorum's leader, once it has applied all that came before its term.
   *
   * @param id node id, or {@link #NONE}
   * @param term of the quorum; never decreases on one member
   */
  record Controller(int id, long term) {
    /** The id while no controller is known. */
    public static final int NONE = -1;

    /** Before any is known. */
    public static final Controller UNKNOWN = new Controller(NONE, 0);

    /** None any more, in the same term. */
    public Controller lost() {
      return new Controller(NONE, term);
    }
  }
}
