/**
 * The root of the command line and the verbs that need a broker's code: {@code broker} and {@code
 * log}. It stands here because only this module sees both a broker and the client's verbs.
 */
package io.highwater.server.cli;
