package io.highwater.replication.control;

import java.util.List;

/**
 * The newest sign of life of a broker that came through the metadata log.
 *
 * @param index of that entry; 0: there was none in this registration
 * @param unheardControllers the active controllers that it did not hear, one after the other, since
 *     one was heard
 */
public record BrokerLife(long index, List<Integer> unheardControllers) {
  /** None since the registration. */
  public static final BrokerLife NEVER = new BrokerLife(0, List.of());

  public BrokerLife {
    unheardControllers = List.copyOf(unheardControllers);
  }
}
