/** Values of the domain, plain records without framework types; everything else may depend on them. */
package io.dbbackup.model;
