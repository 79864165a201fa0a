#define _GNU_SOURCE
#include "faultvfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One write that was not synced yet: the old and the new bytes. */
typedef struct change {
  struct change *previous;
  struct tracked *file;
  sqlite3_int64 offset;
  sqlite3_int64 old_size;
  sqlite3_int64 new_size; /* for a truncation, with count 0 */
  int count;
  int old_count;
  unsigned char *old_bytes;
  unsigned char *new_bytes;
} change;

/* A file by name: several connections may write the same file. */
typedef struct tracked {
  struct tracked *next;
  char *path;
} tracked;

struct faultvfs_plan {
  faultvfs_plan *next;
  char *prefix;
  tracked *files;
  change *unsynced; /* newest first */
  unsigned fail_mask;
  int64_t fail_in;
  int fail_code;
  bool torn;
  int64_t stop_at;
  bool stopped;
  int64_t steps;
  int64_t syncs;
  unsigned slow_ms;
  bool skip_sync;
};

typedef struct {
  sqlite3_file base;
  faultvfs_plan *plan;
  tracked *tracked; /* NULL for files that need no tracking */
  sqlite3_file *real;
} fault_file;

static sqlite3_vfs layer;
static sqlite3_vfs *real_vfs;
static faultvfs_plan *plans;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static sqlite3_file *real_file(sqlite3_file *file) { return ((fault_file *)file)->real; }

/* Counts a step and returns whether it must fail. Called with the mutex held. */
static int verdict(faultvfs_plan *plan, unsigned kind, bool *torn) {
  *torn = false;
  if (kind != FAULTVFS_READ) {
    plan->steps += 1;
    if (plan->stop_at > 0 && plan->steps >= plan->stop_at) plan->stopped = true;
    if (plan->stopped) return SQLITE_IOERR;
  }
  if ((plan->fail_mask & kind) != 0 && plan->fail_in > 0) {
    plan->fail_in -= 1;
    if (plan->fail_in == 0) {
      *torn = plan->torn;
      return plan->fail_code;
    }
  }
  return SQLITE_OK;
}

static int ask(fault_file *file, unsigned kind, bool *torn) {
  if (file->plan == NULL) {
    *torn = false;
    return SQLITE_OK;
  }
  pthread_mutex_lock(&mutex);
  int code = verdict(file->plan, kind, torn);
  pthread_mutex_unlock(&mutex);
  return code;
}

static void forget(change *record) {
  free(record->old_bytes);
  free(record->new_bytes);
  free(record);
}

/* Saves the bytes that a write or a truncation will replace. */
static void remember(fault_file *file, const void *bytes, int count, sqlite3_int64 offset, sqlite3_int64 new_size) {
  if (file->plan == NULL || file->tracked == NULL) return;
  change *record = calloc(1, sizeof(change));
  record->file = file->tracked;
  record->offset = offset;
  record->count = count;
  record->new_size = new_size;
  file->real->pMethods->xFileSize(file->real, &record->old_size);
  sqlite3_int64 end = count > 0 ? offset + count : record->old_size;
  if (end > record->old_size) end = record->old_size;
  if (end > offset) {
    record->old_count = (int)(end - offset);
    record->old_bytes = malloc((size_t)record->old_count);
    file->real->pMethods->xRead(file->real, record->old_bytes, record->old_count, offset);
  }
  if (count > 0) {
    record->new_bytes = malloc((size_t)count);
    memcpy(record->new_bytes, bytes, (size_t)count);
  }
  pthread_mutex_lock(&mutex);
  record->previous = file->plan->unsynced;
  file->plan->unsynced = record;
  pthread_mutex_unlock(&mutex);
}

static void synced(fault_file *file) {
  pthread_mutex_lock(&mutex);
  change **link = &file->plan->unsynced;
  while (*link != NULL) {
    change *record = *link;
    if (record->file == file->tracked) {
      *link = record->previous;
      forget(record);
    } else {
      link = &record->previous;
    }
  }
  pthread_mutex_unlock(&mutex);
}

/* MARK: methods of a file */

static int fault_close(sqlite3_file *file) { return real_file(file)->pMethods->xClose(real_file(file)); }

static int fault_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  bool torn;
  int code = ask((fault_file *)file, FAULTVFS_READ, &torn);
  if (code != SQLITE_OK) return code;
  return real_file(file)->pMethods->xRead(real_file(file), bytes, count, offset);
}

static int fault_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  bool torn;
  int code = ask((fault_file *)file, FAULTVFS_WRITE, &torn);
  if (code != SQLITE_OK && !torn) return code;
  int written = code == SQLITE_OK ? count : count / 2;
  remember((fault_file *)file, bytes, written, offset, 0);
  int result = real_file(file)->pMethods->xWrite(real_file(file), bytes, written, offset);
  return code != SQLITE_OK ? code : result;
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size) {
  bool torn;
  int code = ask((fault_file *)file, FAULTVFS_TRUNCATE, &torn);
  if (code != SQLITE_OK) return code;
  remember((fault_file *)file, NULL, 0, size, size);
  return real_file(file)->pMethods->xTruncate(real_file(file), size);
}

static int fault_sync(sqlite3_file *file, int flags) {
  fault_file *own = (fault_file *)file;
  bool torn;
  int code = ask(own, FAULTVFS_SYNC, &torn);
  if (code != SQLITE_OK) return code;
  if (own->plan == NULL) return own->real->pMethods->xSync(own->real, flags);
  if (own->plan->slow_ms > 0) usleep(own->plan->slow_ms * 1000);
  own->plan->syncs += 1;
  if (!own->plan->skip_sync) code = own->real->pMethods->xSync(own->real, flags);
  if (code == SQLITE_OK) synced(own);
  return code;
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *size) {
  return real_file(file)->pMethods->xFileSize(real_file(file), size);
}
static int fault_lock(sqlite3_file *file, int level) {
  return real_file(file)->pMethods->xLock(real_file(file), level);
}
static int fault_unlock(sqlite3_file *file, int level) {
  return real_file(file)->pMethods->xUnlock(real_file(file), level);
}
static int fault_reserved(sqlite3_file *file, int *out) {
  return real_file(file)->pMethods->xCheckReservedLock(real_file(file), out);
}
static int fault_control(sqlite3_file *file, int operation, void *argument) {
  return real_file(file)->pMethods->xFileControl(real_file(file), operation, argument);
}
static int fault_sector(sqlite3_file *file) { return real_file(file)->pMethods->xSectorSize(real_file(file)); }
static int fault_device(sqlite3_file *file) {
  return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}
static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
  return real_file(file)->pMethods->xShmMap(real_file(file), page, size, extend, out);
}
static int fault_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  return real_file(file)->pMethods->xShmLock(real_file(file), offset, count, flags);
}
static void fault_shm_barrier(sqlite3_file *file) { real_file(file)->pMethods->xShmBarrier(real_file(file)); }
static int fault_shm_unmap(sqlite3_file *file, int delete_file) {
  return real_file(file)->pMethods->xShmUnmap(real_file(file), delete_file);
}

/* Version 2: no memory-mapped reads that bypass this VFS. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_reserved,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_device,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

/* MARK: the VFS */

static faultvfs_plan *plan_for(const char *path) {
  if (path == NULL) return NULL;
  for (faultvfs_plan *plan = plans; plan != NULL; plan = plan->next) {
    if (strncmp(path, plan->prefix, strlen(plan->prefix)) == 0) return plan;
  }
  return NULL;
}

static tracked *track(faultvfs_plan *plan, const char *path) {
  for (tracked *file = plan->files; file != NULL; file = file->next) {
    if (strcmp(file->path, path) == 0) return file;
  }
  tracked *file = calloc(1, sizeof(tracked));
  file->path = strdup(path);
  file->next = plan->files;
  plan->files = file;
  return file;
}

static int layer_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out_flags) {
  (void)vfs;
  fault_file *own = (fault_file *)file;
  memset(own, 0, sizeof(*own));
  own->real = (sqlite3_file *)(own + 1);
  pthread_mutex_lock(&mutex);
  own->plan = plan_for(name);
  if (own->plan != NULL) own->tracked = track(own->plan, name);
  pthread_mutex_unlock(&mutex);
  int code = real_vfs->xOpen(real_vfs, name, own->real, flags, out_flags);
  own->base.pMethods = own->real->pMethods != NULL ? &methods : NULL;
  return code;
}

static int layer_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  (void)vfs;
  pthread_mutex_lock(&mutex);
  faultvfs_plan *plan = plan_for(name);
  bool torn;
  int code = plan == NULL ? SQLITE_OK : verdict(plan, FAULTVFS_TRUNCATE, &torn);
  if (plan != NULL && code == SQLITE_OK) {
    change **link = &plan->unsynced;
    while (*link != NULL) {
      change *record = *link;
      if (strcmp(record->file->path, name) == 0) {
        *link = record->previous;
        forget(record);
      } else {
        link = &record->previous;
      }
    }
  }
  pthread_mutex_unlock(&mutex);
  return code != SQLITE_OK ? SQLITE_IOERR_DELETE : real_vfs->xDelete(real_vfs, name, sync);
}

static int layer_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
  (void)vfs;
  return real_vfs->xAccess(real_vfs, name, flags, out);
}
static int layer_full_path(sqlite3_vfs *vfs, const char *name, int count, char *out) {
  (void)vfs;
  return real_vfs->xFullPathname(real_vfs, name, count, out);
}
static void *layer_dl_open(sqlite3_vfs *vfs, const char *name) {
  (void)vfs;
  return real_vfs->xDlOpen(real_vfs, name);
}
static void layer_dl_error(sqlite3_vfs *vfs, int count, char *out) {
  (void)vfs;
  real_vfs->xDlError(real_vfs, count, out);
}
static void (*layer_dl_symbol(sqlite3_vfs *vfs, void *handle, const char *name))(void) {
  (void)vfs;
  return real_vfs->xDlSym(real_vfs, handle, name);
}
static void layer_dl_close(sqlite3_vfs *vfs, void *handle) {
  (void)vfs;
  real_vfs->xDlClose(real_vfs, handle);
}
static int layer_randomness(sqlite3_vfs *vfs, int count, char *out) {
  (void)vfs;
  return real_vfs->xRandomness(real_vfs, count, out);
}
static int layer_sleep(sqlite3_vfs *vfs, int microseconds) {
  (void)vfs;
  return real_vfs->xSleep(real_vfs, microseconds);
}
static int layer_time(sqlite3_vfs *vfs, double *out) {
  (void)vfs;
  return real_vfs->xCurrentTime(real_vfs, out);
}
static int layer_error(sqlite3_vfs *vfs, int count, char *out) {
  (void)vfs;
  return real_vfs->xGetLastError(real_vfs, count, out);
}
static int layer_time64(sqlite3_vfs *vfs, sqlite3_int64 *out) {
  (void)vfs;
  return real_vfs->xCurrentTimeInt64(real_vfs, out);
}

static int install_result;

static void install(void) {
  install_result = sqlite3_initialize();
  real_vfs = sqlite3_vfs_find(NULL);
  if (install_result != SQLITE_OK || real_vfs == NULL) return;
  layer.iVersion = 2;
  layer.szOsFile = (int)sizeof(fault_file) + real_vfs->szOsFile;
  layer.mxPathname = real_vfs->mxPathname;
  layer.zName = "andon-fault";
  layer.xOpen = layer_open;
  layer.xDelete = layer_delete;
  layer.xAccess = layer_access;
  layer.xFullPathname = layer_full_path;
  layer.xDlOpen = layer_dl_open;
  layer.xDlError = layer_dl_error;
  layer.xDlSym = layer_dl_symbol;
  layer.xDlClose = layer_dl_close;
  layer.xRandomness = layer_randomness;
  layer.xSleep = layer_sleep;
  layer.xCurrentTime = layer_time;
  layer.xGetLastError = layer_error;
  layer.xCurrentTimeInt64 = layer_time64;
  install_result = sqlite3_vfs_register(&layer, 1);
}

/* MARK: plans */

int faultvfs_install(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
  return install_result;
}

faultvfs_plan *faultvfs_new(const char *prefix) {
  faultvfs_plan *plan = calloc(1, sizeof(faultvfs_plan));
  plan->prefix = strdup(prefix);
  pthread_mutex_lock(&mutex);
  plan->next = plans;
  plans = plan;
  pthread_mutex_unlock(&mutex);
  return plan;
}

static void forget_all(faultvfs_plan *plan) {
  while (plan->unsynced != NULL) {
    change *record = plan->unsynced;
    plan->unsynced = record->previous;
    forget(record);
  }
}

void faultvfs_free(faultvfs_plan *plan) {
  pthread_mutex_lock(&mutex);
  faultvfs_plan **link = &plans;
  while (*link != plan) link = &(*link)->next;
  *link = plan->next;
  forget_all(plan);
  while (plan->files != NULL) {
    tracked *file = plan->files;
    plan->files = file->next;
    free(file->path);
    free(file);
  }
  pthread_mutex_unlock(&mutex);
  free(plan->prefix);
  free(plan);
}

void faultvfs_fail(faultvfs_plan *plan, unsigned mask, int64_t step, int code, bool torn) {
  pthread_mutex_lock(&mutex);
  plan->fail_mask = mask;
  plan->fail_in = step;
  plan->fail_code = code;
  plan->torn = torn;
  pthread_mutex_unlock(&mutex);
}

void faultvfs_stop_at(faultvfs_plan *plan, int64_t step) {
  pthread_mutex_lock(&mutex);
  plan->stop_at = plan->steps + step;
  pthread_mutex_unlock(&mutex);
}

void faultvfs_stop(faultvfs_plan *plan) {
  pthread_mutex_lock(&mutex);
  plan->stopped = true;
  pthread_mutex_unlock(&mutex);
}

bool faultvfs_is_stopped(faultvfs_plan *plan) {
  pthread_mutex_lock(&mutex);
  bool stopped = plan->stopped;
  pthread_mutex_unlock(&mutex);
  return stopped;
}

static uint64_t next_random(uint64_t *state) {
  uint64_t mixed = (*state += 0x9E3779B97F4A7C15u);
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}

static void rewrite(const char *path, sqlite3_int64 size, const void *bytes, int count, sqlite3_int64 offset) {
  if (count > 0) {
    FILE *file = fopen(path, "r+b");
    if (file != NULL) {
      fseeko(file, offset, SEEK_SET);
      fwrite(bytes, 1, (size_t)count, file);
      fclose(file);
    }
  }
  if (size >= 0) (void)!truncate(path, size);
}

void faultvfs_power_cut(faultvfs_plan *plan, uint64_t seed) {
  pthread_mutex_lock(&mutex);
  plan->stopped = true;
  change *oldest = NULL;
  /* Reverts to the synced state, newest change first. */
  while (plan->unsynced != NULL) {
    change *record = plan->unsynced;
    plan->unsynced = record->previous;
    rewrite(record->file->path, record->old_size, record->old_bytes, record->old_count, record->offset);
    record->previous = oldest;
    oldest = record;
  }
  /* Then applies the writes that reached the disk without a sync. */
  while (oldest != NULL) {
    change *record = oldest;
    oldest = record->previous;
    if (seed != 0 && next_random(&seed) % 2 == 0) {
      if (record->count > 0) rewrite(record->file->path, -1, record->new_bytes, record->count, record->offset);
      else rewrite(record->file->path, record->new_size, NULL, 0, 0);
    }
    forget(record);
  }
  pthread_mutex_unlock(&mutex);
}

void faultvfs_restart(faultvfs_plan *plan) {
  pthread_mutex_lock(&mutex);
  forget_all(plan);
  plan->fail_mask = 0;
  plan->fail_in = 0;
  plan->stop_at = 0;
  plan->stopped = false;
  plan->steps = 0;
  plan->syncs = 0;
  pthread_mutex_unlock(&mutex);
}

int64_t faultvfs_steps(faultvfs_plan *plan) {
  pthread_mutex_lock(&mutex);
  int64_t steps = plan->steps;
  pthread_mutex_unlock(&mutex);
  return steps;
}

int64_t faultvfs_syncs(faultvfs_plan *plan) { return plan->syncs; }
void faultvfs_slow_sync(faultvfs_plan *plan, unsigned milliseconds) { plan->slow_ms = milliseconds; }
void faultvfs_skip_real_sync(faultvfs_plan *plan, bool skip) { plan->skip_sync = skip; }
