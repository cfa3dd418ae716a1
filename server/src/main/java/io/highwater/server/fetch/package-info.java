/** Reads of stored batches up to the high watermark: long poll, stream, offsets. */
package io.highwater.server.fetch;
