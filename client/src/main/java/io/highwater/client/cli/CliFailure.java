package io.highwater.client.cli;

/** A verb failed in a way that the error catalogue has no code for. */
final class CliFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String name;

  /**
   * @param name in the form of an error code
   * @param text for people
   */
  CliFailure(String name, String text) {
    super(text);
    this.name = name;
  }

  String name() {
    return name;
  }
}
