/**
 * Makes a set of a sealed one, blob by blob and without compressing anything again: encrypted for other recipients, or not
 * encrypted any more. Start with {@link io.dbbackup.service.rewrite.SetRewrite}.
 */
package io.dbbackup.service.rewrite;
