package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.highwater.proto.internal.v1.MetadataRecord;
import io.highwater.proto.internal.v1.RegisterBrokerRecord;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How the process before ended stands in the metadata log as it always has. */
class RegisterBrokerCodecTest {
  private static RegisterBroker after(LastRun lastRun) {
    return new RegisterBroker(
        1,
        new UUID(1, 1),
        new UUID(1, 0),
        lastRun,
        7,
        Map.of(ListenerName.BROKERS, new Endpoint("host", 9_093)),
        "test",
        "rack",
        Feature.allSupported());
  }

  private static RegisterBrokerRecord record(RegisterBroker command)
      throws InvalidProtocolBufferException {
    return MetadataRecord.parseFrom(CommandCodec.encode(command)).getRegisterBroker();
  }

  @Test
  void aCleanStopAndAKillHaveFieldsOfTheirOwn() throws InvalidProtocolBufferException {
    RegisterBrokerRecord record = record(after(new LastRun(5, 6)));
    assertThat(record.getPreviousBrokerEpoch()).isEqualTo(5);
    assertThat(record.getKilledBrokerEpoch()).isEqualTo(6);
    assertThat(record.getExpectedBrokerEpoch()).isEqualTo(7);

    RegisterBrokerRecord unknown = record(after(LastRun.UNKNOWN));
    assertThat(unknown.getPreviousBrokerEpoch()).isEqualTo(-1);
    assertThat(unknown.hasKilledBrokerEpoch()).isFalse();
  }

  @Test
  void whatIsReadIsWhatWasWritten() {
    for (LastRun lastRun :
        new LastRun[] {
          LastRun.UNKNOWN, LastRun.stopped(0), LastRun.killed(0), new LastRun(5, 6),
        }) {
      RegisterBroker command = after(lastRun);
      assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);
    }
  }
}
