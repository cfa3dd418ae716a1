package io.highwater.proto.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class TopicIdsTest {
  private static final UUID ID = UUID.fromString("00010203-0405-0607-0809-0a0b0c0d0eff");

  @Test
  void idIsSixteenBytesInTheOrderItIsWritten() {
    assertThat(TopicIds.toBytes(ID).toByteArray())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff);
    assertThat(TopicIds.fromBytes(TopicIds.toBytes(ID))).isEqualTo(ID);
    assertThat(TopicIds.partition(TopicIds.toBytes(ID), 4)).isEqualTo(new TopicIdPartition(ID, 4));
  }

  @Test
  void whatAPeerGotWrongIsItsInvalidRequest() {
    assertInvalid(() -> TopicIds.fromBytes(ByteString.EMPTY));
    assertInvalid(() -> TopicIds.fromBytes(ByteString.copyFrom(new byte[17])));
    assertInvalid(() -> TopicIds.partition(TopicIds.toBytes(ID), -1));
  }

  private static void assertInvalid(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
  }
}
