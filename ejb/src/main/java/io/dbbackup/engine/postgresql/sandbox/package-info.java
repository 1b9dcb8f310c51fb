/** Throwaway servers in which a backup set is restored to prove that it can be. */
package io.dbbackup.engine.postgresql.sandbox;
