/** Identity, errors and checks that every module shares. */
package io.highwater.proto;
