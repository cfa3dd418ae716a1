package io.highwater.client.cli;

import io.highwater.client.BrokerAddress;
import io.highwater.client.ConnectionConfig;
import io.highwater.client.admin.Admin;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --bootstrap}: the brokers that a verb begins with. */
public final class BootstrapOption {
  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT[,…]",
      defaultValue = ConnectionConfig.DEFAULT_BOOTSTRAP,
      converter = Checked.class,
      description = "Brokers to begin with; the others are found. Default: ${DEFAULT-VALUE}.")
  private String addresses;

  /** As they were given; well-formed. */
  public String addresses() {
    return addresses;
  }

  /** An admin client that begins with them. */
  public Admin admin() {
    return Admin.builder().bootstrap(addresses).waitForBrokers(false).build();
  }

  /** Refuses a malformed list as a usage error. */
  static final class Checked implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      try {
        BrokerAddress.parseList(text);
        return text;
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
