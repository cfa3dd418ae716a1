package io.highwater.proto.record;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;

/** How the records of a batch are compressed: as one block, after the header. */
public enum Codec {
  /** Not at all. */
  NONE(0),
  /** RFC 1952. */
  GZIP(1),
  /** Snappy blocks in xerial's framing, as Kafka writes them. */
  SNAPPY(2),
  /** The LZ4 frame format with independent blocks. */
  LZ4(3),
  /** RFC 8878 (KIP-110). */
  ZSTD(4);

  private static final Codec[] BY_ID = values();

  private final int id;

  Codec(int id) {
    this.id = id;
  }

  /** The number in a batch's attributes. */
  public int id() {
    return id;
  }

  /**
   * The codec of a number in a batch's attributes.
   *
   * @throws HighwaterException UNSUPPORTED_COMPRESSION_TYPE when there is none
   */
  public static Codec of(int id) {
    if (id < 0 || id >= BY_ID.length) {
      throw new HighwaterException(
          ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, "no codec has the id " + id);
    }
    return BY_ID[id];
  }
}
