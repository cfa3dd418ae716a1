/** A log in a program of its own, without a broker around it. */
package io.highwater.log.embed;
