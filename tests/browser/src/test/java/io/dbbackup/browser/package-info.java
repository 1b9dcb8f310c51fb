/**
 * The server's management console (HAL) in a real browser, as an operator uses it.
 *
 * <p>{@link io.dbbackup.browser.Chromium} is the browser, {@link io.dbbackup.browser.HalConsole} knows the pages. Every
 * step leaves a screenshot in {@code target/screenshots}.
 */
package io.dbbackup.browser;
