package io.highwater.proto.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.StatusRuntimeException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.InvariantViolation;
import io.highwater.proto.internal.v1.ReplicateResponse;
import io.highwater.proto.v1.FetchFrameKind;
import io.highwater.proto.v1.FetchStreamResponse;
import io.highwater.proto.v1.LogStatus;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordsMarshallerTest {
  private final List<ByteBuf> allocated = new ArrayList<>();
  private final RecordsMarshaller<FetchStreamResponse> marshaller =
      new RecordsMarshaller<>(FetchStreamResponse.getDefaultInstance(), recording(allocated));
  private final AtomicInteger releases = new AtomicInteger();

  @Property(tries = 300)
  void generatedCodeReadsWhatIsSent(@ForAll byte[] records, @ForAll long gap) {
    FetchStreamResponse head = head(gap);
    byte[] array = new byte[records.length + 10];
    System.arraycopy(records, 0, array, 4, records.length);
    RecordsFrame<FetchStreamResponse> frame =
        RecordsFrame.of(head, ByteBuffer.wrap(array, 4, records.length), () -> {});

    byte[] drained = drained(marshaller.stream(frame));

    FetchStreamResponse expected =
        head.toBuilder().setRecords(ByteString.copyFrom(records)).build();
    assertThat(drained).isEqualTo(expected.toByteArray());
  }

  @Property(tries = 300)
  void whatGeneratedCodeSendsIsRead(@ForAll byte[] records, @ForAll long gap) {
    FetchStreamResponse head = head(gap);
    byte[] sent = head.toBuilder().setRecords(ByteString.copyFrom(records)).build().toByteArray();

    RecordsFrame<FetchStreamResponse> frame = marshaller.parse(known(sent));

    assertThat(frame.head()).isEqualTo(head);
    assertThat(frame.records().capacity()).isEqualTo(records.length);
    assertThat(bytes(frame.records())).isEqualTo(records);
    frame.release();
    assertThat(allocated).allMatch(buffer -> buffer.refCnt() == 0);
  }

  @Property(tries = 100)
  void whatWasFetchedOutlivesItsFrame(@ForAll byte[] records, @ForAll byte[] later) {
    ByteBuffer fetched = fetched(records);

    fetched(later);

    assertThat(bytes(fetched)).isEqualTo(records);
  }

  private static ByteBuffer fetched(byte[] records) {
    byte[] sent =
        head(1).toBuilder().setRecords(ByteString.copyFrom(records)).build().toByteArray();
    RecordsFrame<FetchStreamResponse> frame =
        RecordStreams.FETCH.getResponseMarshaller().parse(known(sent));
    ByteBuffer fetched = frame.records();
    frame.release();
    return fetched;
  }

  @Property(tries = 2000)
  void damagedMessageIsReadOrRefusedByName(@ForAll long gap, @ForAll int at, @ForAll byte value) {
    byte[] sent =
        head(gap).toBuilder().setRecords(ByteString.copyFrom(new byte[50])).build().toByteArray();
    sent[Math.floorMod(at, sent.length)] = value;
    try {
      marshaller.parse(known(sent)).release();
    } catch (StatusRuntimeException e) {
      assertThat(StatusMapper.fromThrowable(e).code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }
    assertThat(allocated).allMatch(buffer -> buffer.refCnt() == 0);
  }

  @Test
  void fieldsMayComeInAnyOrderAndBeUnknown() throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(
                99,
                UnknownFieldSet.Field.newBuilder()
                    .addVarint(-1)
                    .addFixed32(1)
                    .addFixed64(2)
                    .addLengthDelimited(ByteString.copyFromUtf8("later"))
                    .addGroup(
                        UnknownFieldSet.newBuilder()
                            .addField(
                                15,
                                UnknownFieldSet.Field.newBuilder()
                                    .addLengthDelimited(ByteString.copyFromUtf8("not records"))
                                    .build())
                            .build())
                    .build())
            .build();
    records("overwritten").writeTo(sent);
    unknown.writeTo(sent);
    records("first").writeTo(sent);
    head(7).writeTo(sent);

    RecordsFrame<FetchStreamResponse> frame = marshaller.parse(known(sent.toByteArray()));

    assertThat(bytes(frame.records())).asString().isEqualTo("first");
    assertThat(frame.head().getGapFrom()).isEqualTo(7);
    assertThat(frame.head().getRecords()).isEmpty();
    assertThat(frame.head().getUnknownFields()).isEqualTo(unknown);
    assertThat(allocated).extracting(ByteBuf::refCnt).containsExactly(0, 1);
    frame.release();
    assertThat(allocated).extracting(ByteBuf::refCnt).containsExactly(0, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 1000, Integer.MAX_VALUE, -1, Integer.MIN_VALUE})
  void lengthBeyondTheMessageAllocatesNothing(int declared) throws IOException {
    byte[] sent = new byte[20];
    CodedOutputStream out = CodedOutputStream.newInstance(sent);
    out.writeUInt32NoTag(RecordsMarshaller.RECORDS_TAG);
    out.writeUInt32NoTag(declared);
    int length = out.getTotalBytesWritten() + 3;

    assertThatThrownBy(() -> marshaller.parse(known(Arrays.copyOf(sent, length))))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e ->
                assertThat(StatusMapper.fromThrowable(e).code())
                    .isEqualTo(ErrorCode.INVALID_REQUEST));
    assertThat(allocated).isEmpty();
  }

  @Test
  void emptyRecordsReplaceEarlierOnes() throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    records("overwritten").writeTo(sent);
    sent.write(new byte[] {RecordsMarshaller.RECORDS_TAG, 0});

    RecordsFrame<FetchStreamResponse> frame = marshaller.parse(known(sent.toByteArray()));

    assertThat(frame.records().remaining()).isZero();
    frame.release();
    assertThat(allocated).extracting(ByteBuf::refCnt).containsExactly(0);
  }

  @Test
  void messageOfUnknownLengthIsRead() {
    byte[] sent = records("inflated").toByteArray();
    InputStream inflating =
        new ByteArrayInputStream(sent) {
          @Override
          public synchronized int available() {
            return 0;
          }
        };

    RecordsFrame<FetchStreamResponse> frame = marshaller.parse(inflating);

    assertThat(bytes(frame.records())).asString().isEqualTo("inflated");
    frame.release();
  }

  @Test
  void frameIsReleasedOnceWhenDrained() {
    InputStream stream = marshaller.stream(counted(new byte[10]));

    drained(stream);
    assertThat(releases).hasValue(1);
    close(stream);
    close(stream);
    assertThat(releases).hasValue(1);
  }

  @Test
  void frameIsReleasedOnceWhenClosedUndrained() {
    InputStream stream = marshaller.stream(counted(new byte[10]));

    close(stream);
    close(stream);

    assertThat(releases).hasValue(1);
    assertThat(drained(stream)).isEmpty();
  }

  @Test
  void frameIsReadByteByByteToo() throws IOException {
    byte[] records = {1, 2, -3};
    InputStream stream = marshaller.stream(counted(records));
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    read.write(stream.read());
    read.write(stream.readNBytes(3));
    for (int next = stream.read(); next >= 0; next = stream.read()) {
      read.write(next);
    }
    stream.close();

    assertThat(FetchStreamResponse.parseFrom(read.toByteArray()).getRecords().toByteArray())
        .isEqualTo(records);
    assertThat(releases).hasValue(1);
  }

  @Test
  void releasedFrameIsPoisoned() {
    RecordsFrame<FetchStreamResponse> frame = marshaller.parse(known(records("x").toByteArray()));
    frame.release();

    assertThatThrownBy(frame::records).isInstanceOf(InvariantViolation.class);
    assertThatThrownBy(frame::release).isInstanceOf(InvariantViolation.class);
  }

  @Test
  void recordsAreTheHighestFieldOfEveryMessageThatHasThem() {
    for (var descriptor :
        List.of(
            FetchStreamResponse.getDescriptor(),
            ProduceStreamRequest.getDescriptor(),
            ReplicateResponse.getDescriptor())) {
      assertThat(descriptor.findFieldByName("records").getNumber())
          .isEqualTo(RecordsMarshaller.RECORDS_TAG >> 3)
          .isEqualTo(descriptor.getFields().stream().mapToInt(f -> f.getNumber()).max().orElse(0));
    }
  }

  private RecordsFrame<FetchStreamResponse> counted(byte[] records) {
    return RecordsFrame.of(head(3), ByteBuffer.wrap(records), releases::incrementAndGet);
  }

  private static FetchStreamResponse head(long gap) {
    return FetchStreamResponse.newBuilder()
        .setKind(FetchFrameKind.FETCH_FRAME_KIND_BATCH)
        .setPartition(3)
        .setStatus(LogStatus.newBuilder().setHighWatermark(99))
        .setErrorMessage("text")
        .setGapFrom(gap)
        .build();
  }

  private static FetchStreamResponse records(String text) {
    return FetchStreamResponse.newBuilder().setRecords(ByteString.copyFromUtf8(text)).build();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  private static byte[] drained(InputStream stream) {
    try {
      ByteArrayOutputStream target = new ByteArrayOutputStream();
      int announced = stream.available();
      int count = ((Drainable) stream).drainTo(target);
      assertThat(count).isEqualTo(announced).isEqualTo(target.size());
      return target.toByteArray();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void close(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static InputStream known(byte[] message) {
    return new KnownStream(message);
  }

  /** An allocator that remembers what it gave. */
  private static ByteBufAllocator recording(List<ByteBuf> allocated) {
    ByteBufAllocator real = UnpooledByteBufAllocator.DEFAULT;
    return (ByteBufAllocator)
        Proxy.newProxyInstance(
            RecordsMarshallerTest.class.getClassLoader(),
            new Class<?>[] {ByteBufAllocator.class},
            (proxy, method, arguments) -> {
              Object result = method.invoke(real, arguments);
              allocated.add((ByteBuf) result);
              return result;
            });
  }

  private static final class KnownStream extends ByteArrayInputStream implements KnownLength {
    KnownStream(byte[] message) {
      super(message);
    }
  }
}
