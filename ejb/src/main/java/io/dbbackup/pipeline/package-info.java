/**
 * How bytes move: source, probes, transforms, probes, blob writer, in the caller's thread and in bounded memory. Start
 * with {@link io.dbbackup.pipeline.TransferPipeline}. Depends on the model and the JDK (codecs aside), never on a store
 * or an engine.
 */
package io.dbbackup.pipeline;
