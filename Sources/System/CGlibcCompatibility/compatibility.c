// Amazon Linux 2023 has glibc 2.34; a build machine's headers and libraries ask for newer symbols. These are all that the
// Swift runtime and libstdc++ use of them, taken back to symbols that 2.34 has.
#if defined(__linux__)
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#if defined(__x86_64__)
// 2.35 gave hypot a version of its own.
__asm__(".symver old_hypot, hypot@GLIBC_2.2.5");
__asm__(".symver old_hypotf, hypotf@GLIBC_2.2.5");
extern double old_hypot(double x, double y);
extern float old_hypotf(float x, float y);
double hypot(double x, double y) { return old_hypot(x, y); }
float hypotf(float x, float y) { return old_hypotf(x, y); }
#endif

// New in 2.36. Not for keys: libstdc++'s std::random_device asks for it.
uint32_t arc4random(void) {
  uint32_t value;
  if (getrandom(&value, sizeof value, 0) != sizeof value) abort();
  return value;
}
#endif
