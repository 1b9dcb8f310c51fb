/** One folder per kind of store. A store depends on the SPI, the pipeline's contracts and the model, never on another. */
package io.dbbackup.store;
