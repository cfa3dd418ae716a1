package io.highwater.client.cli;

/** A verb failed in a way that the error catalogue has no code for. */
public final class CliFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String name;

  /**
   * @param name in the form of an error code
   * @param text for people
   */
  public CliFailure(String name, String text) {
    super(text);
    this.name = name;
  }

  /** In the form of an error code. */
  public String name() {
    return name;
  }
}
