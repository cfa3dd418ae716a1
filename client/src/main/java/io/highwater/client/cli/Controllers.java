package io.highwater.client.cli;

import io.highwater.client.BrokerAddress;
import io.highwater.client.ControllerDescription;
import java.util.List;

/** The controllers after a change, as its verb prints them. */
record Controllers(int nodeId, boolean dryRun, List<Controller> controllers) {
  /**
   * One of them.
   *
   * @param live whether the active controller heard from it lately
   */
  record Controller(int nodeId, String host, int port, boolean live) {}

  static Controllers of(int nodeId, boolean dryRun, List<ControllerDescription> described) {
    return new Controllers(
        nodeId,
        dryRun,
        described.stream()
            .map(c -> new Controller(c.nodeId(), c.address().host(), c.address().port(), c.live()))
            .toList());
  }

  /**
   * @param did what was done
   */
  String text(String did) {
    Table table = new Table("CONTROLLER", "ADDRESS", "STATE");
    for (Controller c : controllers) {
      table.row(c.nodeId, new BrokerAddress(c.host, c.port), c.live ? "up" : "silent");
    }
    return did + " node " + nodeId + "\n" + table;
  }
}
