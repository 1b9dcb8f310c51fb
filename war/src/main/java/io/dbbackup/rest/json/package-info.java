/** JSON in and out by the one mapper of the product, whatever JSON provider the server has. */
package io.dbbackup.rest.json;
