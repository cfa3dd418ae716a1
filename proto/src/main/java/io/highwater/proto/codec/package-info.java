/**
 * The native libraries of codecs: where they are unpacked, and what it means that one does not
 * load.
 */
package io.highwater.proto.codec;
