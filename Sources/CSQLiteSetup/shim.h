#ifndef ANDON_CSQLITE_SETUP_SHIM_H
#define ANDON_CSQLITE_SETUP_SHIM_H
/* Only with these does the header declare the session extension. */
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include <sqlite3.h>
/* sqlite3_config is variadic, which Swift does not see. Has an effect only before SQLite is first used. */
static inline void andon_sqlite_without_memory_statistics(void) { (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
/* sqlite3_db_config is variadic, too. */
static inline int andon_sqlite_without_triggers(sqlite3 *db) {
  return sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)0);
}
#endif
