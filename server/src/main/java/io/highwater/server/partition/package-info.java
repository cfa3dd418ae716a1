/** Which partitions there are, who leads them, and how this broker's own are found. */
package io.highwater.server.partition;
