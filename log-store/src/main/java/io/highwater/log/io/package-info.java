/** The seam over the file system: everything the log does to a disk goes through here. */
package io.highwater.log.io;
