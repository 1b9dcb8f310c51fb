/** One class per command; each translates options into a request and the answer into text. */
package io.dbbackup.cli.command;
