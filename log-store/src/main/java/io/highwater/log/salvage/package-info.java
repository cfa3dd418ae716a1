/** Reading what is intact of a log whose files are damaged. Changes nothing. */
package io.highwater.log.salvage;
