/**
 * Proves that a backup set is what it says, at three levels: stored bytes, content, a real restore. Start with
 * {@link io.dbbackup.service.verify.VerifyHandler}. Damage is a finding and never ends the verification; whatever keeps
 * it from looking is a failure of the run and says nothing about the set.
 */
package io.dbbackup.service.verify;
