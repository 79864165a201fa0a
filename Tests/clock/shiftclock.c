/* For tests: a program's wall clock that can be stepped while it runs.

   LD_PRELOAD=shiftclock.so SHIFTCLOCK_FILE=/path program: the file holds a number of milliseconds, and the real-time
   clock says so much more than the machine's. The file is read at every call, so that whoever replaces it (write
   another one, rename it) steps the clock. No file, or no number in it, is 0. The monotonic clocks are untouched, and
   so are waits for an instant of the real-time clock. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long offset_ms(void) {
  const char *path = getenv("SHIFTCLOCK_FILE");
  if (path == NULL) return 0;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[32];
  ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return 0;
  text[size] = 0;
  return strtoll(text, NULL, 10);
}

static int shifted(clockid_t clock, struct timespec *time) {
  /* Not through libc's own function: that is this one. */
  if (syscall(SYS_clock_gettime, clock, time) != 0) return -1;
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return 0;
  long long offset = offset_ms();
  long long nanoseconds = time->tv_nsec + offset % 1000 * 1000000;
  long long carry = nanoseconds < 0 ? -1 : nanoseconds / 1000000000;
  time->tv_sec += offset / 1000 + carry;
  time->tv_nsec = nanoseconds - carry * 1000000000;
  return 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) { return shifted(clock, time); }

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec time;
  if (shifted(CLOCK_REALTIME, &time) != 0) return -1;
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  if (shifted(CLOCK_REALTIME, &now) != 0) return -1;
  if (result != NULL) *result = now.tv_sec;
  return now.tv_sec;
}
