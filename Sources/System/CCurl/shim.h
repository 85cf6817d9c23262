// Swift does not import C's variadic functions; one typed wrapper for each argument class.
#include <curl/curl.h>

typedef size_t (*shim_write_callback)(char *data, size_t size, size_t count, void *context);

static inline CURLcode shim_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shim_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shim_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shim_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shim_set_callback(CURL *handle, CURLoption option, shim_write_callback value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shim_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode shim_message_result(const CURLMsg *message) { return message->data.result; }

/// curl 7.85 renamed the option and deprecated the old one.
static inline CURLcode shim_restrict_to_http(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
  return curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  return curl_easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}
