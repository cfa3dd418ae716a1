/**
 * Prints what is in the files of a log, for people; reads files as they are and changes nothing.
 */
package io.highwater.log.dump;
