/** {@code dbbackup demo}: everything the product promises, shown on a real cluster from nothing. */
package io.dbbackup.cli.demo;
