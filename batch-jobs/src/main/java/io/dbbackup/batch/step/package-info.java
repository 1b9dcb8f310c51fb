/** The artifacts that the steps of the job XML name; each calls one method of {@link io.dbbackup.service.run.RunEngine}. */
package io.dbbackup.batch.step;
