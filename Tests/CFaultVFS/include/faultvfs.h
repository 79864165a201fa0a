/*
 * A SQLite VFS that fails on purpose, between the store and the system's VFS.
 *
 * It becomes the process's default VFS and passes everything through, except for files below a folder that has a
 * plan. Every operation that a plan counts is a step; at step k it fails once, or the "machine" stops there and
 * no later write succeeds. A power cut reverts the writes that were not synced, all or a random part.
 *
 * Thread-safe: a plan may be used by all connections of a store.
 */
#ifndef ANDON_FAULTVFS_H
#define ANDON_FAULTVFS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct faultvfs_plan faultvfs_plan;

/* What can fail; a mask. */
enum {
  FAULTVFS_WRITE = 1,
  FAULTVFS_SYNC = 2,
  FAULTVFS_TRUNCATE = 4,
  FAULTVFS_READ = 8,
};

/* Installs the layer as the default VFS, once per process. Returns SQLite's result code. */
int faultvfs_install(void);

/* A plan for every file whose path begins with `prefix`. Freed with faultvfs_free after all files are closed. */
faultvfs_plan *faultvfs_new(const char *prefix);
void faultvfs_free(faultvfs_plan *plan);

/* Fails the `step`-th operation (1 is the next one) of the mask's kinds once, with that result code of SQLite. A
 * write that fails leaves its first half behind if `torn`. */
void faultvfs_fail(faultvfs_plan *plan, unsigned mask, int64_t step, int code, bool torn);

/* Stops the machine at the `step`-th writing operation (write, sync, truncate, delete): that one and everything
 * after it fails. The step may be far away: faultvfs_steps tells how many there were. */
void faultvfs_stop_at(faultvfs_plan *plan, int64_t step);

/* Stops the machine now. */
void faultvfs_stop(faultvfs_plan *plan);
bool faultvfs_is_stopped(faultvfs_plan *plan);

/* Reverts writes that were not synced, as a power cut does; with a seed other than 0 a random part of them survives.
 * Stops the machine. */
void faultvfs_power_cut(faultvfs_plan *plan, uint64_t seed);

/* Ends all faults and counts the steps from 0 again. For the files of the next process. */
void faultvfs_restart(faultvfs_plan *plan);

/* Writing operations since the last restart. */
int64_t faultvfs_steps(faultvfs_plan *plan);
/* Syncs since the last restart. */
int64_t faultvfs_syncs(faultvfs_plan *plan);

/* The duration of each sync, and whether syncs reach the real disk (unnecessary without a power cut). */
void faultvfs_slow_sync(faultvfs_plan *plan, unsigned milliseconds);
void faultvfs_skip_real_sync(faultvfs_plan *plan, bool skip);

#endif
