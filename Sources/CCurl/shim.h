#ifndef ANDON_CCURL_SHIM_H
#define ANDON_CCURL_SHIM_H
#include <curl/curl.h>

/* curl_easy_setopt and curl_easy_getinfo are variadic, which Swift does not see. */
typedef size_t (*andon_curl_data)(char *, size_t, size_t, void *);

static inline CURLcode andon_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode andon_curl_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode andon_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode andon_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode andon_curl_set_function(CURL *easy, CURLoption option, andon_curl_data value) {
  return curl_easy_setopt(easy, option, value);
}
/* The body is copied. */
static inline CURLcode andon_curl_set_body(CURL *easy, const char *bytes, curl_off_t count) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, count);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}
static inline CURLcode andon_curl_set_upload(CURL *easy, curl_off_t count) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, count);
}
/* Only HTTP or only SMTP, each with and without TLS. The older option is a bit mask, the newer one a text. */
static inline CURLcode andon_curl_allow(CURL *easy, int mail) {
#if LIBCURL_VERSION_NUM >= 0x075500
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, mail ? "smtp,smtps" : "http,https");
#else
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
    (long)(mail ? CURLPROTO_SMTP | CURLPROTO_SMTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}
/* A transfer that is given up must not wait for the thread that looks up its host. */
static inline CURLcode andon_curl_leave_lookup(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
  return curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
  return CURLE_OK;
#endif
}
/* TLS 1.2 or newer, with a certificate that is good for the host. */
static inline CURLcode andon_curl_secure(CURL *easy) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}
/* STARTTLS or nothing, or in the clear. */
static inline CURLcode andon_curl_need_starttls(CURL *easy, int needed) {
  return curl_easy_setopt(easy, CURLOPT_USE_SSL, needed ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
}
/* The other recipients get the mail when the server refuses one. The option's name was corrected in 8.2. */
static inline CURLcode andon_curl_allow_refused_recipients(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x080200
  return curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLOWFAILS, 1L);
#else
  return curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
#endif
}
static inline long andon_curl_status(CURL *easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}
static inline CURLcode andon_curl_result(const CURLMsg *message) { return message->data.result; }
static inline CURLMcode andon_curl_set_connections(CURLM *multi, long count) {
  return curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, count);
}
#endif
