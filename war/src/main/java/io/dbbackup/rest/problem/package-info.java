/** Errors as RFC 9457 problems: stable code, cause, remedy; never a stack trace, never a secret. */
package io.dbbackup.rest.problem;
