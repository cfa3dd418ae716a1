package io.highwater.replication.control.observer;

import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog.Controller;

/** Carries the metadata log from a controller to a broker outside the quorum. On the owner loop. */
public interface MetadataFeed {
  /**
   * Opens a stream. Returns at once and never fails: a stream that cannot be opened closes.
   *
   * @param controller where a controller listens for brokers
   * @param index of the image that is here already, -1 for none
   * @param listener hears what follows until the stream closes
   */
  Link open(Endpoint controller, long index, Listener listener);

  /** This end of a stream. */
  @FunctionalInterface
  interface Link {
    /** Closes the stream; the listener is not called any more. */
    void close();
  }

  /** Hears a stream, in order. On the owner loop. */
  interface Listener {
    /** The next entry; its index is greater than that of every one before. */
    void onEntry(long index, MetadataCommand command);

    /** Entries are missing: this image takes the place of what is here. */
    void onSnapshot(ClusterImage image);

    /** The active controller as far as the sender knows. */
    void onController(Controller controller);

    /** The stream is over; the last call. */
    void onClosed(String reason);
  }
}
