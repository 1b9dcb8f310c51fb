/** Keys that backup sets are encrypted for. No key ever passes through here, only names and fingerprints. */
package io.dbbackup.rest.key;
