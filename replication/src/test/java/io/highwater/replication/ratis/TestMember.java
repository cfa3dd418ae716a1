package io.highwater.replication.ratis;

import io.highwater.log.io.FileStorage;
import java.io.IOException;

/** Members as tests start them. */
final class TestMember {
  private TestMember() {}

  static RatisMetadataLog open(QuorumConfig config) throws IOException {
    return RatisMetadataLog.open(config, storage(config), () -> {});
  }

  static QuorumStorage storage(QuorumConfig config) {
    return new QuorumStorage(new FileStorage(), config.dataDirectory(), config.clusterId());
  }
}
