/** Topics made and unmade, and producer ids handed out, by commands of the metadata log. */
package io.highwater.server.metadata;
