/**
 * The broker's configuration: every key is defined once, with its default, its range and what it
 * means, beside the component that it configures. Text is parsed here and nowhere else; a class
 * elsewhere is handed its own record.
 */
package io.highwater.server.config;
