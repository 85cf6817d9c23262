// A Runtime API that starts a program, hands it events as fast as it takes them, and measures it.
//
//   runtime STARTS EVENTS PROGRAM [ARGUMENT…]
//
// Prints JSON: the median milliseconds from fork to the first poll over so many starts, then of one process that served
// so many events: invocations a second, CPU microseconds for each, and peak memory.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int listener;
static char host[64], buffer[1 << 20];
static size_t filled;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

// CPU seconds of a running process.
static double cpu_of(pid_t pid) {
  clockid_t clock;
  struct timespec time;
  if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time)) return 0;
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static pid_t start(char **program) {
  pid_t pid = fork();
  if (pid) return pid;
  setenv("AWS_LAMBDA_RUNTIME_API", host, 1);
  execvp(program[0], program);
  perror(program[0]);
  _exit(127);
}

// Reads one request: 'G' for a poll, 'P' for an answer, 0 for the end.
static char request(int connection) {
  for (;;) {
    char *end = filled ? memmem(buffer, filled, "\r\n\r\n", 4) : NULL;
    if (end) {
      size_t length = 0, head = end - buffer + 4;
      for (char *line = buffer; line < end; line = (char *)memmem(line, end + 2 - line, "\r\n", 2) + 2)
        if (!strncasecmp(line, "content-length:", 15)) length = strtoul(line + 15, NULL, 10);
      if (filled >= head + length) {
        char kind = buffer[0];
        memmove(buffer, buffer + head + length, filled -= head + length);
        return kind;
      }
    }
    ssize_t count = recv(connection, buffer + filled, sizeof buffer - filled, 0);
    if (count <= 0) return 0;
    filled += count;
  }
}

static int compare(const void *left, const void *right) {
  return (*(double *)left > *(double *)right) - (*(double *)left < *(double *)right);
}

int main(int count, char **words) {
  if (count < 4) return 2;
  int starts = atoi(words[1]), events = atoi(words[2]), one = 1;
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 64)) return 1;
  getsockname(listener, (void *)&address, &length);
  snprintf(host, sizeof host, "127.0.0.1:%d", ntohs(address.sin_port));

  double *times = calloc(starts, sizeof *times);
  for (int index = 0; index < starts; index++) {
    double begin = now();
    pid_t pid = start(words + 3);
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    filled = 0;
    request(connection);
    times[index] = (now() - begin) * 1000;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(connection);
  }
  qsort(times, starts, sizeof *times, compare);

  const char event[] = "{\"dry_run\": true, \"period\": \"2026-10\", \"note\": \"sixty bytes\"}";
  const char accepted[] = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
  char next[1024];
  pid_t pid = start(words + 3);
  int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC), served = 0;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  filled = 0;
  double begin = 0, cpu = 0;
  int warm = events / 10;
  while (served < events + warm) {
    char kind = request(connection);
    if (!kind) {
      close(connection);
      connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      filled = 0;
      continue;
    }
    if (kind == 'P') {
      send(connection, accepted, sizeof accepted - 1, 0);
      served++;
      continue;
    }
    if (served == warm && !begin) {
      begin = now();
      cpu = cpu_of(pid);
    }
    int size = snprintf(next, sizeof next,
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: 00000000-0000-4000-8000-%012d\r\n"
      "Lambda-Runtime-Deadline-Ms: %lld\r\nLambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:1:function:f\r\n"
      "Content-Length: %zu\r\n\r\n%s", served, (long long)(time(NULL) + 900) * 1000, sizeof event - 1, event);
    send(connection, next, size, 0);
  }
  double seconds = now() - begin, used = cpu_of(pid) - cpu;
  struct rusage usage;
  kill(pid, SIGKILL);
  wait4(pid, NULL, 0, &usage);
  printf("{\"start_ms\": %.2f, \"invocations_per_second\": %.0f, \"cpu_us\": %.1f, \"rss_mib\": %.1f}\n", times[starts / 2],
    events / seconds, used / events * 1e6, usage.ru_maxrss / 1024.0);
  return 0;
}
