/** Chronicle Queue behind the load generators' seam. */
package io.highwater.peers.chronicle;
