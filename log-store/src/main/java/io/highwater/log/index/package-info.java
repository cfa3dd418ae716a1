/** Sparse indexes of a segment: derived data, held in memory and written by ordinary writes. */
package io.highwater.log.index;
