#ifndef ANDON_CPOSTGRES_SHIM_H
#define ANDON_CPOSTGRES_SHIM_H
#include <libpq-fe.h>
#include <sys/eventfd.h>

/* PG_DIAG_… are character constants, which Swift sees as CInt only where they are plain. */
static inline int andon_pg_severity(void) { return PG_DIAG_SEVERITY_NONLOCALIZED; }
static inline int andon_pg_sqlstate(void) { return PG_DIAG_SQLSTATE; }
static inline int andon_pg_primary(void) { return PG_DIAG_MESSAGE_PRIMARY; }
static inline int andon_pg_detail(void) { return PG_DIAG_MESSAGE_DETAIL; }
static inline int andon_pg_constraint(void) { return PG_DIAG_CONSTRAINT_NAME; }
#endif
