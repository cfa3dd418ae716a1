package io.highwater.replication.control.session;

/** Hears the outcome of one probe: exactly one of these is called, once, on the owner loop. */
public interface ProbeListener {
  /**
   * Somebody answered.
   *
   * @param brokerEpoch the registration it lives in, or -1 when it is not the broker asked for
   */
  void onAnswer(long brokerEpoch);

  /** Nobody listens there any more. */
  void onRefused(String reason);

  /** No answer in time: nobody knows. */
  void onSilence();
}
