/** What a log knows of its idempotent producers, derived from the log alone (KIP-98). */
package io.highwater.log.producer;
