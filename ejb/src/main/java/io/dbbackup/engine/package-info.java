/** What the database engines share; each engine is a package of its own below. */
package io.dbbackup.engine;
