/**
 * Use cases. {@code run} is the one mechanism that every operation shares (plan, work, seal), {@code backup},
 * {@code restore}, {@code verify} and {@code retention} say what to do in it, {@code access} opens sources, stores and
 * secrets. No class here knows the batch API; start with {@link io.dbbackup.service.run.RunEngine}.
 */
package io.dbbackup.service;
