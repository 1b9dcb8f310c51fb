/** Fills the catalog from the manifests in a store: {@link io.dbbackup.service.imports.CatalogImport}. */
package io.dbbackup.service.imports;
