/** Notifications by mail, through the mail session that the server provides. */
package io.dbbackup.notify.mail;
