package io.highwater.replication.ratis;

import java.io.File;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Ratis's properties for a member: where its defaults do not suit a control plane. */
final class QuorumProperties {
  private static final String APPEND_RETRIES = "10ms,10, 200ms,1000000";
  private static final long STAGING_MS = 5_000;
  private static final SizeInBytes SEGMENT_BYTES = SizeInBytes.valueOf("4MB");
  private static final SizeInBytes PREALLOCATED_BYTES = SizeInBytes.valueOf("1MB");

  private QuorumProperties() {}

  static RaftProperties of(QuorumConfig config, File storage) {
    RaftProperties properties = new RaftProperties();
    RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.GRPC);
    GrpcConfigKeys.Server.setHost(properties, config.bindHost());
    GrpcConfigKeys.Server.setPort(properties, config.voters().get(config.nodeId()).port());
    // When it composes appends, Ratis 3.3.0 acknowledges a repeat of a request with everything that
    // the repeat carries on top, though none of that gets into the log.
    RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(properties, false);
    setStorage(properties, config, storage);
    setTimes(properties, config);
    return properties;
  }

  private static void setStorage(RaftProperties properties, QuorumConfig config, File storage) {
    RaftServerConfigKeys.setStorageDir(properties, List.of(storage));
    RaftServerConfigKeys.setRemovedGroupsDir(properties, new File(storage, "removed"));
    RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SEGMENT_BYTES);
    RaftServerConfigKeys.Log.setPreallocatedSize(properties, PREALLOCATED_BYTES);
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, config.snapshotEntries());
    RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, 2);
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgeGap(
        properties, (int) Math.min(1_024, config.snapshotEntries()));
  }

  private static void setTimes(RaftProperties properties, QuorumConfig config) {
    TimeDuration least = ms(config.electionTimeoutMs());
    TimeDuration most = ms(2 * config.electionTimeoutMs());
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, least);
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, most);
    // Alone there is nobody to wait for; a restarted member of several may find a leader first.
    boolean alone = config.voters().size() == 1;
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, alone ? ms(1) : least);
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, alone ? ms(10) : most);
    RaftServerConfigKeys.Rpc.setRequestTimeout(properties, ms(1_000));
    RaftClientConfigKeys.Rpc.setRequestTimeout(properties, ms(1_000));
    // After so much silence a member that is added is taken for dead.
    RaftServerConfigKeys.setStagingTimeout(properties, ms(STAGING_MS));
    // Ratis would knock every five seconds only at a member that has been away for a while.
    RaftServerConfigKeys.Log.Appender.setRetryPolicy(properties, APPEND_RETRIES);
    // A stopped and continued process is a slow member, not one that has to give up.
    RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(1, TimeUnit.DAYS));
  }

  private static TimeDuration ms(long duration) {
    return TimeDuration.valueOf(duration, TimeUnit.MILLISECONDS);
  }
}
