#ifndef ANDON_CSQLITE_SETUP_SHIM_H
#define ANDON_CSQLITE_SETUP_SHIM_H
#include <sqlite3.h>
/* sqlite3_config is variadic, which Swift does not see. Has an effect only before SQLite is first used. */
static inline void andon_sqlite_without_memory_statistics(void) { (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
#endif
