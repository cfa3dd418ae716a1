/** The broker's threads: one data event loop with its timers, and a pool for blocking I/O. */
package io.highwater.server.loop;
