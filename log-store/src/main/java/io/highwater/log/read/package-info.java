/** The way out: by offset and by time, without locks, CRC-checked. */
package io.highwater.log.read;
