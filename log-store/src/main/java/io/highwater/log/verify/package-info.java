/** Looking for damage: files held against what was written down of them. Changes nothing. */
package io.highwater.log.verify;
