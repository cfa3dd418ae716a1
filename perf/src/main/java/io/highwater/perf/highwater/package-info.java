/** Our own client behind the load generators' seam. */
package io.highwater.perf.highwater;
