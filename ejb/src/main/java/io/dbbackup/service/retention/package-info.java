/**
 * Which backup sets stay and which go. {@link io.dbbackup.service.retention.RetentionPlanner} decides and is pure;
 * {@link io.dbbackup.service.retention.RetentionHandler} carries it out, restartably.
 */
package io.dbbackup.service.retention;
