/** Room on the disk: what a log directory leaves free, and what happens when others do not. */
package io.highwater.log.space;
