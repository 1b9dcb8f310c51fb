/**
 * What a backup set says about itself. The records are the JSON of docs/repository-format.md, field for field:
 * {@link io.dbbackup.model.manifest.BackupManifest} is the commit point of a set and names one
 * {@link io.dbbackup.model.manifest.DatabaseManifest} per database, so that memory is bounded by one database.
 */
package io.dbbackup.model.manifest;
