// The smallest possible Lambda runtime on libcurl: it polls and posts the event back, in a loop. The bench compares
// ours with it.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char id[128], *body;
static size_t size, room;

static size_t on_body(char *data, size_t one, size_t count, void *context) {
  size_t length = one * count;
  if (size + length > room) body = realloc(body, room = 2 * (size + length));
  memcpy(body + size, data, length);
  size += length;
  return length;
}

static size_t on_header(char *data, size_t one, size_t count, void *context) {
  const char name[] = "Lambda-Runtime-Aws-Request-Id:";
  if (one * count > sizeof name && !strncasecmp(data, name, sizeof name - 1)) sscanf(data + sizeof name - 1, " %120[^\r\n]", id);
  return one * count;
}

int main(void) {
  char next[256], answer[512];
  snprintf(next, sizeof next, "http://%s/2018-06-01/runtime/invocation/next", getenv("AWS_LAMBDA_RUNTIME_API"));
  curl_global_init(CURL_GLOBAL_ALL);
  CURL *poll = curl_easy_init();
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  for (;;) {
    curl_easy_reset(poll);
    curl_easy_setopt(poll, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(poll, CURLOPT_PROXY, "");
    curl_easy_setopt(poll, CURLOPT_URL, next);
    curl_easy_setopt(poll, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(poll, CURLOPT_HEADERFUNCTION, on_header);
    size = 0;
    if (curl_easy_perform(poll)) return 1;
    snprintf(answer, sizeof answer, "http://%s/2018-06-01/runtime/invocation/%s/response", getenv("AWS_LAMBDA_RUNTIME_API"), id);
    curl_easy_reset(poll);
    curl_easy_setopt(poll, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(poll, CURLOPT_PROXY, "");
    curl_easy_setopt(poll, CURLOPT_URL, answer);
    curl_easy_setopt(poll, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(poll, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt(poll, CURLOPT_COPYPOSTFIELDS, body);
    curl_easy_setopt(poll, CURLOPT_WRITEFUNCTION, on_body);
    size = 0;
    if (curl_easy_perform(poll)) return 1;
  }
}
