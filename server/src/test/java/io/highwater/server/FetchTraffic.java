package io.highwater.server;

import io.highwater.client.BrokerAddress;
import io.highwater.client.BrokerChannel;
import io.highwater.client.ClientLoop;
import io.highwater.client.ClientRuntime;
import io.highwater.client.FetchStream;
import io.highwater.client.grpc.GrpcClientRuntime;
import io.highwater.proto.HighwaterException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/** A real client runtime that counts the bytes of batches that each broker sends. */
final class FetchTraffic implements ClientRuntime {
  private final GrpcClientRuntime real = GrpcClientRuntime.open("counted-client");
  private final Map<String, Long> bytes = new ConcurrentHashMap<>();

  /** From any thread. */
  long bytesFrom(String address) {
    return bytes.getOrDefault(address, 0L);
  }

  @Override
  public BrokerChannel connect(BrokerAddress address) {
    BrokerChannel channel = real.connect(address);
    return (BrokerChannel)
        Proxy.newProxyInstance(
            BrokerChannel.class.getClassLoader(),
            new Class<?>[] {BrokerChannel.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("openFetch")) {
                FetchStream.Listener listener = (FetchStream.Listener) arguments[0];
                return channel.openFetch(new Counting(address.toString(), listener));
              }
              try {
                return method.invoke(channel, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private final class Counting implements FetchStream.Listener {
    private final String address;
    private final FetchStream.Listener listener;

    Counting(String address, FetchStream.Listener listener) {
      this.address = address;
      this.listener = listener;
    }

    @Override
    public void onFrame(FetchStream.Frame frame) {
      bytes.merge(address, (long) frame.records().remaining(), Long::sum);
      listener.onFrame(frame);
    }

    @Override
    public void onCreditNeeded(long bytes) {
      listener.onCreditNeeded(bytes);
    }

    @Override
    public void onClosed(HighwaterException cause) {
      listener.onClosed(cause);
    }
  }

  @Override
  public ClientLoop loop() {
    return real.loop();
  }

  @Override
  public EpochClock epochClock() {
    return real.epochClock();
  }

  @Override
  public NanoClock nanoClock() {
    return real.nanoClock();
  }

  @Override
  public double random() {
    return real.random();
  }

  @Override
  public void close() {
    real.close();
  }
}
