/* The yardstick: what a careful person writes in C for this one task. It stores every event once and durably in the
 * layout that Andon's own events have, and acknowledges after the commit; it knows no KPIs, no drift, no HTTP.
 *
 *   c_sink PORT CLIENT TOPIC FILE N      see sink.h
 */
#include "sink.h"
#include <sqlite3.h>
#include <sys/stat.h>

static sqlite3 *db;
static sqlite3_stmt *insert_event, *insert_name;
static const char *path;

static void run(const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL)) fail(sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL)) fail(sql, sqlite3_errmsg(db));
  return statement;
}

static void step(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) fail("insert", sqlite3_errmsg(db));
  sqlite3_reset(statement);
}

static void open_store(const char *where) {
  path = where;
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  if (sqlite3_open(path, &db)) fail(path, sqlite3_errmsg(db));
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-8192;"
      "CREATE TABLE IF NOT EXISTS name(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE(kind, text)) STRICT;"
      "CREATE TABLE IF NOT EXISTS event("
      "  ts INTEGER NOT NULL, worker INTEGER NOT NULL, kind INTEGER NOT NULL, station INTEGER NOT NULL, event_id ANY NOT NULL,"
      "  camera INTEGER NOT NULL, model INTEGER NOT NULL, confidence_ppm INTEGER, count INTEGER NOT NULL,"
      "  accepted INTEGER NOT NULL, delay_ms INTEGER NOT NULL,"
      "  PRIMARY KEY(ts, worker, kind, station, event_id)) STRICT, WITHOUT ROWID");
  insert_name = prepare("INSERT INTO name VALUES (?, ?, ?)");
  insert_event = prepare("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 1, ?) ON CONFLICT DO NOTHING");
  sqlite3_stmt *stored = prepare("SELECT kind, text, id FROM name");
  while (sqlite3_step(stored) == SQLITE_ROW)
    know((enum name_kind)sqlite3_column_int(stored, 0), (const char *)sqlite3_column_text(stored, 1), sqlite3_column_bytes(stored, 1),
         sqlite3_column_int(stored, 2));
  sqlite3_finalize(stored);
}

static void commit_events(const struct event *list, int many) {
  run("BEGIN IMMEDIATE");
  for (int i = 0; i < new_count; i++) {
    const struct name *n = &names[new_names[i]];
    sqlite3_bind_int(insert_name, 1, n->id);
    sqlite3_bind_int(insert_name, 2, n->kind);
    sqlite3_bind_text(insert_name, 3, n->text, n->length, SQLITE_STATIC);
    step(insert_name);
  }
  for (const struct event *e = list; e < list + many; e++) {
    sqlite3_bind_int64(insert_event, 1, e->ts);
    sqlite3_bind_int(insert_event, 2, e->worker);
    sqlite3_bind_int(insert_event, 3, e->kind);
    sqlite3_bind_int(insert_event, 4, e->station);
    sqlite3_bind_blob(insert_event, 5, e->id, sizeof e->id, SQLITE_STATIC);
    sqlite3_bind_int(insert_event, 6, e->camera);
    sqlite3_bind_int(insert_event, 7, e->model);
    sqlite3_bind_int(insert_event, 8, e->ppm);
    sqlite3_bind_int(insert_event, 9, e->delay_ms);
    step(insert_event);
  }
  run("COMMIT");
}

/* Closes the file: what was in the log is then in it. */
static long long store_bytes(void) {
  struct stat file;
  sqlite3_finalize(insert_event);
  sqlite3_finalize(insert_name);
  if (sqlite3_close(db)) fail(path, sqlite3_errmsg(db));
  if (stat(path, &file)) fail(path, strerror(errno));
  return file.st_size;
}

static const char *store_version(void) {
  static char text[64];
  snprintf(text, sizeof text, "SQLite %s", sqlite3_libversion());
  return text;
}
