/** Taking records away from the end of a log: after a crash, on divergence, on a reset. */
package io.highwater.log.recover;
