/**
 * The rules of replication as pure state machines: no thread, no clock, no file, no network. An
 * event and the monotonic time go in; what to do comes out in a reused {@link
 * io.highwater.replication.core.Effects}. The broker and the simulation run the same classes.
 */
package io.highwater.replication.core;
