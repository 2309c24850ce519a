/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded: shifts the clocks by the amounts in the file that KR_TEST_CLOCK names, which may
 * change while the program runs. The monotonic clock, which deadlines use, is left alone. */
#include "shifted-clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "kept-environment.h"

const char *const kept_variable = "KR_TEST_CLOCK";

#define EXPORT __attribute__ ((visibility ("default")))

static const ShiftedClock none;

/* May be called before this module's constructor has run. */
static const volatile ShiftedClock *
get_shift (void)
{
  static const volatile ShiftedClock *shift;
  const char *path;
  void *mapped;
  int fd;

  if (shift != NULL)
    return shift;
  path = getenv (kept_variable);
  fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0)
    return &none;
  mapped = mmap (NULL, sizeof none, PROT_READ, MAP_SHARED, fd, 0);
  close (fd);
  if (mapped == MAP_FAILED)
    abort ();
  return shift = mapped;
}

static int64_t
offset_of (clockid_t clock)
{
  switch (clock)
    {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI:
      return get_shift ()->wall_ms;
    case CLOCK_BOOTTIME:
      return get_shift ()->boot_ms;
    default:
      return 0;
    }
}

EXPORT int
clock_gettime (clockid_t clock, struct timespec *out)
{
  int64_t offset = offset_of (clock);
  long result = syscall (SYS_clock_gettime, clock, out);

  if (result != 0)
    return (int) result;
  out->tv_sec += offset / 1000;
  out->tv_nsec += offset % 1000 * 1000000;
  if (out->tv_nsec < 0 || out->tv_nsec >= 1000000000)
    {
      out->tv_sec += out->tv_nsec < 0 ? -1 : 1;
      out->tv_nsec += out->tv_nsec < 0 ? 1000000000 : -1000000000;
    }
  return 0;
}

EXPORT int
gettimeofday (struct timeval *restrict out, void *restrict zone)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

EXPORT time_t
time (time_t *out_time)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  if (out_time != NULL)
    *out_time = now.tv_sec;
  return now.tv_sec;
}
