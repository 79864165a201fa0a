/* Counts a process's allocations: a number that does not depend on the machine's noise. LD_PRELOAD it; at exit it
 * prints `allocations N` on standard error. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

static atomic_long count;
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) { atomic_fetch_add_explicit(&count, 1, memory_order_relaxed); return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { atomic_fetch_add_explicit(&count, 1, memory_order_relaxed); return __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { atomic_fetch_add_explicit(&count, 1, memory_order_relaxed); return __libc_realloc(old, size); }
void *aligned_alloc(size_t a, size_t size) { atomic_fetch_add_explicit(&count, 1, memory_order_relaxed); return __libc_memalign(a, size); }
int posix_memalign(void **to, size_t a, size_t size) {
  atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
  *to = __libc_memalign(a, size);
  return *to ? 0 : 12;
}

__attribute__((destructor)) static void tell(void) { fprintf(stderr, "allocations %ld\n", atomic_load(&count)); }
