/** Scripts before and after a run; start with {@link io.dbbackup.service.hook.RunHooks}. */
package io.dbbackup.service.hook;
