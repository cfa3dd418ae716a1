/**
 * Small measured answers to design questions; ARCHITECTURE.md and docs/FIGURES.md keep their
 * figures.
 */
package io.highwater.perf.spike;
