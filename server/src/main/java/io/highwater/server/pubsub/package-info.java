/** Records one by one for clients in any language: the broker makes and opens the batches. */
package io.highwater.server.pubsub;
