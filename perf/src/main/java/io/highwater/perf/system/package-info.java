/**
 * The systems that are measured, each in processes of its own on loopback: Highwater, Kafka,
 * Chronicle Queue, and what the machine itself gives. Peers are resolved by Maven when they are
 * asked for and never come onto this process's class path.
 */
package io.highwater.perf.system;
