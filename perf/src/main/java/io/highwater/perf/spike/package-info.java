/** Small measured answers to design questions; ARCHITECTURE.md keeps their figures. */
package io.highwater.perf.spike;
