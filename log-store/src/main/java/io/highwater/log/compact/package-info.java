/** Keeping the last record of each key: what is cleaned, and when (CMP). */
package io.highwater.log.compact;
