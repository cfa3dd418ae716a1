/**
 * The command-line verbs that talk to a cluster, and quickstart, which starts one of its own. Only
 * {@code ClusterVerbs} is for others: the root of the command line adds its verbs.
 */
package io.highwater.client.cli;
