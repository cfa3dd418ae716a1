/**
 * The record batch, Kafka's format version 2 (KIP-98): the one encoding of records on disk and on
 * every stream. Batches are read through flyweights over their bytes and never re-encoded.
 */
package io.highwater.proto.record;
