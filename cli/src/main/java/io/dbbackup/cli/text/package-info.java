/** Turns JSON into text for people. */
package io.dbbackup.cli.text;
