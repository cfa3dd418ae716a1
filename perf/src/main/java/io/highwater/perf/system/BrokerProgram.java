package io.highwater.perf.system;

import java.util.List;

/** What a system's brokers are started with. */
interface BrokerProgram {
  /** Makes ready what a broker needs before its first start: files, formats. */
  void prepare(ClusterLayout layout, int broker);

  /** The command that becomes a broker's process, whose id it keeps. */
  List<String> command(ClusterLayout layout, int broker);
}
