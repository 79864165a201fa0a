/* The other way to store events: PostgreSQL, as well as a client can do it. COPY into a temporary table, then one
 * INSERT … SELECT … ON CONFLICT DO NOTHING, and the acknowledgements after the commit. The same session, the same reader
 * and the same identity as c_sink.c.
 *
 *   postgres_sink PORT CLIENT TOPIC CONNINFO N      see sink.h
 */
#include "sink.h"
#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>

enum { columns = 11, row_bytes = 2 + columns * 4 + 8 + 16 + 9 * 4, name_bytes = 2 + 3 * 4 + 4 + 4 + name_limit };
static PGconn *db;
static unsigned char buffer[32 + (commit_limit + slack) * row_bytes];

static PGresult *run(const char *sql, ExecStatusType wanted) {
  PGresult *result = PQexec(db, sql);
  if (PQresultStatus(result) != wanted) fail(sql, PQerrorMessage(db));
  return result;
}

static void command(const char *sql) { PQclear(run(sql, PGRES_COMMAND_OK)); }

static void open_store(const char *where) {
  db = PQconnectdb(where);
  if (PQstatus(db) != CONNECTION_OK) fail("connection", PQerrorMessage(db));
  command("SET client_min_messages = warning");
  command("CREATE TABLE IF NOT EXISTS name(id integer PRIMARY KEY, kind integer NOT NULL, text text NOT NULL, UNIQUE(kind, text))");
  command("CREATE TABLE IF NOT EXISTS event("
          "ts bigint NOT NULL, worker integer NOT NULL, kind integer NOT NULL, station integer NOT NULL, event_id uuid NOT NULL, "
          "camera integer NOT NULL, model integer NOT NULL, confidence_ppm integer, count integer NOT NULL, "
          "accepted integer NOT NULL, delay_ms integer NOT NULL, PRIMARY KEY(ts, worker, kind, station, event_id))");
  command("CREATE TEMPORARY TABLE incoming(LIKE event) ON COMMIT DELETE ROWS");
  PGresult *stored = run("SELECT kind, text, id FROM name", PGRES_TUPLES_OK);
  for (int i = 0; i < PQntuples(stored); i++)
    know((enum name_kind)atoi(PQgetvalue(stored, i, 0)), PQgetvalue(stored, i, 1), PQgetlength(stored, i, 1), atoi(PQgetvalue(stored, i, 2)));
  PQclear(stored);
}

static unsigned char *put(unsigned char *to, const void *bytes, uint32_t size) {
  uint32_t length = htonl(size);
  memcpy(to, &length, 4);
  memcpy(to + 4, bytes, size);
  return to + 4 + size;
}

static unsigned char *put_int(unsigned char *to, int32_t value) {
  uint32_t big = htonl((uint32_t)value);
  return put(to, &big, sizeof big);
}

static unsigned char *put_count(unsigned char *to, uint16_t value) {
  uint16_t big = htons(value);
  memcpy(to, &big, sizeof big);
  return to + 2;
}

/* PostgreSQL's binary COPY format: cheaper than text on both sides. */
static unsigned char *put_event(unsigned char *to, const struct event *e) {
  uint64_t ts = htobe64((uint64_t)e->ts);
  const int32_t first[] = {e->worker, e->kind, e->station}, rest[] = {e->camera, e->model, e->ppm, 0, 1, e->delay_ms};
  to = put(put_count(to, columns), &ts, sizeof ts);
  for (int i = 0; i < 3; i++) to = put_int(to, first[i]);
  to = put(to, e->id, sizeof e->id);
  for (int i = 0; i < 6; i++) to = put_int(to, rest[i]);
  return to;
}

static void copy(const char *sql, const unsigned char *bytes, size_t size) {
  PQclear(run(sql, PGRES_COPY_IN));
  if (PQputCopyData(db, (const char *)bytes, (int)size) != 1 || PQputCopyEnd(db, NULL) != 1) fail(sql, PQerrorMessage(db));
  for (PGresult *result; (result = PQgetResult(db)); PQclear(result))
    if (PQresultStatus(result) != PGRES_COMMAND_OK) fail(sql, PQerrorMessage(db));
}

static unsigned char *begin_copy(void) {
  memcpy(buffer, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  return buffer + 19;
}

static void copy_names(void) {
  unsigned char *to = begin_copy();
  for (int i = 0; i < new_count; i++) {
    const struct name *n = &names[new_names[i]];
    to = put(put_int(put_int(put_count(to, 3), n->id), n->kind), n->text, (uint32_t)n->length);
    if (to > buffer + sizeof buffer - 2 * name_bytes) fail("names", "too many in one commit");
  }
  copy("COPY name FROM STDIN (FORMAT binary)", buffer, (size_t)(put_count(to, 0xffff) - buffer));
}

static void commit_events(const struct event *list, int many) {
  command("BEGIN");
  if (new_count) copy_names();
  unsigned char *to = begin_copy();
  for (int i = 0; i < many; i++) to = put_event(to, &list[i]);
  copy("COPY incoming FROM STDIN (FORMAT binary)", buffer, (size_t)(put_count(to, 0xffff) - buffer));
  command("INSERT INTO event SELECT * FROM incoming ON CONFLICT DO NOTHING");
  command("COMMIT");
}

static long long store_bytes(void) {
  PGresult *result = run("SELECT pg_total_relation_size('event') + pg_total_relation_size('name')", PGRES_TUPLES_OK);
  long long bytes = atoll(PQgetvalue(result, 0, 0));
  PQclear(result);
  PQfinish(db);
  return bytes;
}

static const char *store_version(void) {
  static char text[64];
  snprintf(text, sizeof text, "libpq %d.%d", PQlibVersion() / 10000, PQlibVersion() % 10000);
  return text;
}
