/**
 * HTTP for the stores that need no SDK: the JDK's client, with retries, patience that does not depend on the size of the
 * data, and answers as values. Start with {@link io.dbbackup.store.web.Web}.
 */
package io.dbbackup.store.web;
