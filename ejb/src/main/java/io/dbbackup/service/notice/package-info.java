/** Tells people how runs ended: which channels get which outcome, and in which words. */
package io.dbbackup.service.notice;
