/** Measurements of Highwater; no other module sees this one. */
package io.highwater.perf;
