package io.highwater.server.grpc;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.List;

/**
 * What {@code grpc.health.v1} answers on the CLIENTS and ADMIN listeners: for the broker as a whole
 * (the empty name) and for each service by its full name. NOT_SERVING until the broker serves.
 */
final class HealthStatus {
  private final HealthStatusManager health = new HealthStatusManager();
  private final List<String> services;

  /**
   * @param services full names
   */
  HealthStatus(List<String> services) {
    this.services = List.copyOf(services);
    set(ServingStatus.NOT_SERVING);
  }

  BindableService service() {
    return health.getHealthService();
  }

  void serving() {
    set(ServingStatus.SERVING);
  }

  void notServing() {
    set(ServingStatus.NOT_SERVING);
  }

  private void set(ServingStatus status) {
    services.forEach(service -> health.setStatus(service, status));
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
  }
}
