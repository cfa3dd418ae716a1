/** A cluster of brokers over in-memory lists, on real sockets, that fails on demand. */
package io.highwater.client.fake;
