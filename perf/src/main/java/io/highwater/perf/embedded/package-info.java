/**
 * What needs no broker, behind the load generators' seam: our log store in the client's process,
 * and the floors below every system, a file and a connection.
 */
package io.highwater.perf.embedded;
