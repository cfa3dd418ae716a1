package io.highwater.perf.load;

import java.util.Objects;

/**
 * How a consumer client is set up.
 *
 * @param bootstrap where the system is, in its own form
 * @param topic what to read, all partitions of it
 * @param fromBeginning from the first record on, else only what is appended from now on
 */
public record SourceConfig(String bootstrap, String topic, boolean fromBeginning) {
  public SourceConfig {
    Objects.requireNonNull(bootstrap, "bootstrap");
    Objects.requireNonNull(topic, "topic");
  }

  /** The same elsewhere. */
  public SourceConfig withBootstrap(String bootstrap) {
    return new SourceConfig(bootstrap, topic, fromBeginning);
  }
}
