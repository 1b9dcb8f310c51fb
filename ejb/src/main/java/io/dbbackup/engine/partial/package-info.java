/**
 * What the engines share about partial backups: which tables patterns mean, what goes with what is left out, and which foreign
 * keys a sample follows. Tables are whatever identifies them in an engine: a number, a name.
 */
package io.dbbackup.engine.partial;
