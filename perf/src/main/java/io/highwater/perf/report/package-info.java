/**
 * Reports of result lines: what one comparison says and how figures moved between commits, as a
 * self-contained HTML page and as Markdown.
 */
package io.highwater.perf.report;
