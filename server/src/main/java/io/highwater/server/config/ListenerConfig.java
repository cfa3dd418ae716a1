package io.highwater.server.config;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where the broker listens and what others are told.
 *
 * <p>With no listeners configured the four stand on their default ports on 127.0.0.1. As soon as
 * one is configured, those that are not bind a free port on the CLIENTS host and the bound port is
 * registered, so that two brokers on one machine that differ only in their CLIENTS address do not
 * collide.
 *
 * @param bind where each listener binds; port 0 means any free port
 * @param advertised the addresses given for others to use; a listener without one advertises what
 *     it bound
 */
public record ListenerConfig(Map<Listener, HostPort> bind, Map<Listener, HostPort> advertised) {
  static final String LOOPBACK = "127.0.0.1";

  static final ConfigKey<Map<Listener, HostPort>> LISTENERS =
      new ConfigKey<>(
          "listeners",
          "",
          "where to listen: CLIENTS://HOST:PORT,BROKERS://HOST:PORT,CONTROLLER://…,ADMIN://…",
          ListenerConfig::parseListeners);
  static final ConfigKey<Map<Listener, HostPort>> ADVERTISED_LISTENERS =
      new ConfigKey<>(
          "advertised.listeners",
          "",
          "the addresses that others are told, in the form of listeners",
          ListenerConfig::parseListeners);

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS = List.of(LISTENERS, ADVERTISED_LISTENERS);

  /** Copies the maps. */
  public ListenerConfig {
    bind = Map.copyOf(bind);
    advertised = Map.copyOf(advertised);
    for (Listener name : Listener.values()) {
      if (!bind.containsKey(name)) {
        throw LISTENERS.invalid(bind, name + " is missing");
      }
      HostPort told = advertised.getOrDefault(name, bind.get(name));
      if (told.isWildcard()) {
        throw ADVERTISED_LISTENERS.invalid(
            told, name + " needs an address that others can connect to");
      }
    }
  }

  /**
   * Reads this component's keys.
   *
   * @param ownVoter where controller.quorum.voters says this broker's CONTROLLER listener is; that
   *     is where it binds unless listeners says otherwise
   */
  public static ListenerConfig from(ConfigValues values, Optional<HostPort> ownVoter) {
    Map<Listener, HostPort> given = new EnumMap<>(Listener.class);
    given.putAll(values.get(LISTENERS));
    boolean defaults = given.isEmpty();
    ownVoter.ifPresent(endpoint -> given.putIfAbsent(Listener.CONTROLLER, endpoint));
    Map<Listener, HostPort> bind = new EnumMap<>(Listener.class);
    for (Listener name : Listener.values()) {
      HostPort unnamed =
          defaults
              ? new HostPort(LOOPBACK, name.defaultPort())
              : given
                  .getOrDefault(Listener.CLIENTS, new HostPort(LOOPBACK, 0))
                  .withPort(name == Listener.CLIENTS ? name.defaultPort() : 0);
      bind.put(name, given.getOrDefault(name, unnamed));
    }
    return new ListenerConfig(bind, values.get(ADVERTISED_LISTENERS));
  }

  /**
   * What others are told about a listener.
   *
   * @param boundPort the port that it bound
   */
  public HostPort advertised(Listener name, int boundPort) {
    HostPort told = advertised.get(name);
    if (told == null) {
      return bind.get(name).withPort(boundPort);
    }
    return told.port() == 0 ? told.withPort(boundPort) : told;
  }

  private static Map<Listener, HostPort> parseListeners(String text) {
    Map<Listener, HostPort> listeners = new EnumMap<>(Listener.class);
    for (String element : text.split(",", -1)) {
      String listener = element.strip();
      if (listener.isEmpty()) {
        continue;
      }
      int scheme = listener.indexOf("://");
      if (scheme <= 0) {
        throw new IllegalArgumentException("'" + listener + "' must be NAME://HOST:PORT");
      }
      Listener name = listenerName(listener.substring(0, scheme));
      if (listeners.put(name, HostPort.parse(listener.substring(scheme + 3))) != null) {
        throw new IllegalArgumentException(name + " is named twice");
      }
    }
    return listeners;
  }

  private static Listener listenerName(String text) {
    for (Listener name : Listener.values()) {
      if (name.name().equals(text.toUpperCase(Locale.ROOT))) {
        return name;
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no listener: CLIENTS, BROKERS, CONTROLLER or ADMIN");
  }
}
