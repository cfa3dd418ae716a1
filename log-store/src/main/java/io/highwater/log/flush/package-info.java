/** When what was appended is made to survive a power loss. */
package io.highwater.log.flush;
