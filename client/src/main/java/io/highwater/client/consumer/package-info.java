/**
 * Reads records: {@link io.highwater.client.consumer.Consumer} polls what {@code Fetcher} had
 * pushed into {@code FetchBuffer}.
 */
package io.highwater.client.consumer;
