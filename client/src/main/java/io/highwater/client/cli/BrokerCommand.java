package io.highwater.client.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a broker process is started: as this process was, with its flags (opened packages, class
 * archive, heap) and its class path.
 *
 * @param javaCommand the java executable and its flags, up to and including the main class
 */
record BrokerCommand(List<String> javaCommand) {
  BrokerCommand {
    javaCommand = List.copyOf(javaCommand);
  }

  /**
   * The command of this process.
   *
   * @param mainClass root of the command line
   * @param temporary directory for what libraries unpack; a killed process leaves that behind
   */
  static BrokerCommand likeThisProcess(String mainClass, Path temporary) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // A debugger's port can be bound once only.
      if (!flag.startsWith("-agentlib:") && !flag.startsWith("-Djava.io.tmpdir=")) {
        command.add(flag);
      }
    }
    command.add("-Djava.io.tmpdir=" + temporary);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(mainClass);
    return new BrokerCommand(command);
  }

  /** The command with a verb and its options. */
  List<String> with(List<String> arguments) {
    List<String> command = new ArrayList<>(javaCommand);
    command.addAll(arguments);
    return command;
  }
}
