/** What a log keeps and for how long: limits by age and by size, and what follows from them. */
package io.highwater.log.retain;
