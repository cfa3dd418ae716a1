package io.highwater.perf.spike;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import java.util.zip.CRC32C;
import org.HdrHistogram.Histogram;

/**
 * Appends batches that arrive on one gRPC stream to a file, in two ways: on the event loop that
 * read them, or on a worker thread that hands the reply back to the loop. Prints throughput, CPU
 * seconds per gigabyte of the whole process, and the round trip of one batch at a time.
 *
 * <p>Run it with {@code java -cp … io.highwater.perf.spike.ThreadingSpike}; rounds alternate
 * between the two ways, and the median round counts.
 */
public final class ThreadingSpike {

  private static final MethodDescriptor<byte[], byte[]> APPEND =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
          .setFullMethodName("spike.Append/Stream")
          .setRequestMarshaller(new BytesMarshaller())
          .setResponseMarshaller(new BytesMarshaller())
          .build();

  private static final byte[] ACK = new byte[16];
  private static final int[] BATCH_BYTES = {1024, 16 * 1024, 64 * 1024, 256 * 1024};
  private static final int WINDOW = 32;
  private static final int ROUNDS = 5;
  private static final long ROUND_MILLIS = 1_500;
  private static final long FILE_BYTES = 1L << 30;

  private ThreadingSpike() {}

  /** What one round of one way measured. */
  private record Round(
      double megabytesPerSecond, double cpuSecondsPerGigabyte, double p50, double p99) {}

  /** Where a batch is appended. */
  private enum Way {
    INLINE,
    WORKER
  }

  /**
   * Runs all rounds and prints one line per batch size and way.
   *
   * @throws IOException when the scratch file cannot be used
   * @throws InterruptedException when interrupted between rounds
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    PrintStream out = System.out;
    out.println("batch bytes | way | MB/s | CPU-s/GB | round trip p50 us | p99 us");
    for (int batchBytes : BATCH_BYTES) {
      Map<Way, List<Round>> rounds = new EnumMap<>(Way.class);
      for (Way way : Way.values()) {
        rounds.put(way, new ArrayList<>());
        run(way, batchBytes);
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (Way way : Way.values()) {
          rounds.get(way).add(run(way, batchBytes));
        }
      }
      for (Way way : Way.values()) {
        List<Round> measured = rounds.get(way);
        out.printf(
            "%d | %s | %.0f | %.2f | %.0f | %.0f%n",
            batchBytes,
            way,
            median(measured, Round::megabytesPerSecond),
            median(measured, Round::cpuSecondsPerGigabyte),
            median(measured, Round::p50),
            median(measured, Round::p99));
      }
    }
  }

  private static double median(List<Round> rounds, ToDoubleFunction<Round> column) {
    return rounds.stream().mapToDouble(column).sorted().toArray()[rounds.size() / 2];
  }

  private static Round run(Way way, int batchBytes) throws IOException, InterruptedException {
    Path path = Files.createTempFile("threading-spike", ".log");
    EventLoopGroup serverLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    EventLoopGroup clientLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ExecutorService worker = Executors.newSingleThreadExecutor();
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      Server server = serve(way, file, serverLoop, worker).build().start();
      ManagedChannel channel =
          NettyChannelBuilder.forAddress(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
              .usePlaintext()
              .directExecutor()
              .flowControlWindow(16 << 20)
              .eventLoopGroup(clientLoop)
              .channelType(NioSocketChannel.class)
              .build();
      try {
        Round bulk = drive(channel, batchBytes, WINDOW);
        Round single = drive(channel, batchBytes, 1);
        return new Round(
            bulk.megabytesPerSecond(), bulk.cpuSecondsPerGigabyte(), single.p50(), single.p99());
      } finally {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
      }
    } finally {
      worker.shutdown();
      serverLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
      clientLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
      Files.delete(path);
    }
  }

  private static NettyServerBuilder serve(
      Way way, FileChannel file, EventLoopGroup loop, ExecutorService worker) {
    Executor appender =
        switch (way) {
          case INLINE -> Runnable::run;
          case WORKER -> worker;
        };
    Executor replier =
        switch (way) {
          case INLINE -> Runnable::run;
          case WORKER -> loop;
        };
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .directExecutor()
        .flowControlWindow(16 << 20)
        .bossEventLoopGroup(loop)
        .workerEventLoopGroup(loop)
        .channelType(NioServerSocketChannel.class)
        .addService(
            ServerServiceDefinition.builder("spike.Append")
                .addMethod(
                    APPEND,
                    ServerCalls.asyncBidiStreamingCall(
                        replies -> new Appender(file, replies, appender, replier)))
                .build());
  }

  private static Round drive(ManagedChannel channel, int batchBytes, int window)
      throws InterruptedException {
    byte[] batch = new byte[batchBytes];
    Histogram nanos = new Histogram(3);
    Semaphore slots = new Semaphore(window);
    CountDownLatch done = new CountDownLatch(1);
    AtomicLong sentAt = new AtomicLong();
    AtomicReference<Throwable> broken = new AtomicReference<>();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(APPEND, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(byte[] ack) {
                long sent = sentAt.get();
                nanos.recordValue(System.nanoTime() - sent);
                slots.release();
              }

              @Override
              public void onError(Throwable t) {
                broken.set(t);
                slots.release(window);
                done.countDown();
              }

              @Override
              public void onCompleted() {
                done.countDown();
              }
            });
    long cpuBefore = processCpuNanos();
    long start = System.nanoTime();
    long end = start + TimeUnit.MILLISECONDS.toNanos(ROUND_MILLIS);
    long batches = 0;
    while (System.nanoTime() < end && broken.get() == null) {
      slots.acquire();
      sentAt.set(System.nanoTime());
      requests.onNext(batch);
      batches++;
    }
    slots.acquire(window);
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuSeconds = (processCpuNanos() - cpuBefore) / 1e9;
    if (broken.get() == null) {
      requests.onCompleted();
    }
    done.await();
    if (broken.get() != null) {
      throw new IllegalStateException("the stream broke", broken.get());
    }
    double gigabytes = batches * (double) batchBytes / 1e9;
    return new Round(
        gigabytes * 1000 / seconds,
        cpuSeconds / gigabytes,
        nanos.getValueAtPercentile(50) / 1e3,
        nanos.getValueAtPercentile(99) / 1e3);
  }

  private static long processCpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** Appends what one stream brings, wherever the way says, and replies from the loop. */
  private static final class Appender implements StreamObserver<byte[]> {
    private final FileChannel file;
    private final StreamObserver<byte[]> replies;
    private final Executor appender;
    private final Executor replier;
    private final CRC32C crc = new CRC32C();
    private long position;

    Appender(
        FileChannel file, StreamObserver<byte[]> replies, Executor appender, Executor replier) {
      this.file = file;
      this.replies = replies;
      this.appender = appender;
      this.replier = replier;
    }

    @Override
    public void onNext(byte[] batch) {
      appender.execute(
          () -> {
            append(batch);
            replier.execute(() -> replies.onNext(ACK));
          });
    }

    private void append(byte[] batch) {
      crc.reset();
      crc.update(batch);
      try {
        file.write(ByteBuffer.wrap(batch), position);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      // Wraps so that the page cache stays warm: the question is threads, not the disk.
      position = (position + batch.length) % FILE_BYTES;
    }

    @Override
    public void onError(Throwable t) {
      // The driver ends the stream itself; nothing is left to clean up here.
      position = 0;
    }

    @Override
    public void onCompleted() {
      replier.execute(replies::onCompleted);
    }
  }
}
