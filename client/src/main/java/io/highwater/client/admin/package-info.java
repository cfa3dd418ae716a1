/** Looks at the cluster, makes and unmakes topics, looks up offsets. */
package io.highwater.client.admin;
