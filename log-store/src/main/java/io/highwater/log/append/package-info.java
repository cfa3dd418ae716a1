/** The way in: validate, check the sequence, stamp, roll, write, index, publish. */
package io.highwater.log.append;
