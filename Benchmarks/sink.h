/* What c_sink.c and postgres_sink.c share: a persistent MQTT 5 session, a strict reader of camera events and a table of
 * names. The program that includes this brings the store: it implements the four functions below.
 *
 * One thread: read until the socket is dry or a commit is full, commit, and only then let the acknowledgements leave. A
 * failure ends the program with nothing acknowledged that is not stored; the broker delivers it again. */
#define _GNU_SOURCE
#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { commit_limit = 8192, slack = 256, slots = 1 << 16, name_limit = 64, patience_ms = 20000 };
enum name_kind { worker_name, station_name, camera_name, model_name };

struct event {
  int64_t ts;
  int32_t worker, station, camera, model, kind, ppm, delay_ms;
  unsigned char id[16];
};
struct name {
  char text[name_limit];
  int32_t length, kind, id;
};

static void open_store(const char *where);                      /* calls `know` for each name that is stored */
static void commit_events(const struct event *events, int count); /* with the names not yet stored, durably */
static long long store_bytes(void);
static const char *store_version(void);

static struct event events[commit_limit + slack];
static struct name names[slots];
static int32_t new_names[slots], new_count, last_id;
static long seen, rejected;
static int count, connected, subscribed, resumed;

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
  exit(1);
}

static int64_t milliseconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

/* The slot of a name: taken already, or where it belongs. */
static struct name *slot(enum name_kind kind, const char *text, int length) {
  uint64_t hash = 1469598103934665603u ^ (uint64_t)kind;
  for (int i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
  for (uint64_t i = hash;; i++) {
    struct name *n = &names[(i ^ i >> 32) % slots];
    if (!n->length || (n->length == length && n->kind == (int)kind && !memcmp(n->text, text, (size_t)length))) return n;
  }
}

static void know(enum name_kind kind, const char *text, int length, int32_t id) {
  struct name *n = slot(kind, text, length);
  memcpy(n->text, text, (size_t)length);
  n->length = length, n->kind = (int)kind, n->id = id;
  if (id > last_id) last_id = id;
  if (last_id > slots / 2) fail("names", "too many");
}

static int32_t name_id(enum name_kind kind, const char *text, int length) {
  struct name *n = slot(kind, text, length);
  if (!n->length) {
    know(kind, text, length, last_id + 1);
    new_names[new_count++] = (int32_t)(n - names);
  }
  return n->id;
}

/* ---- reading an event: a flat object of known fields, strings without escapes */

struct span {
  const char *at;
  int length;
};
enum field { timestamp, worker_id, workstation_id, event_type, confidence, model_version, event_id, field_count };
static const char *field_names[] = {"timestamp", "worker_id", "workstation_id", "event_type", "confidence", "model_version", "event_id"};

static int read_string(const char **p, const char *end, struct span *s) {
  if (*p >= end || **p != '"') return 0;
  for (s->at = ++*p; *p < end && **p != '"'; ++*p)
    if ((unsigned char)**p < ' ' || **p == '\\') return 0;
  s->length = (int)(*p - s->at);
  return (*p)++ < end;
}

static int read_fields(const char *p, int length, struct span *found) {
  const char *end = p + length;
  if (length < 2 || *p++ != '{') return 0;
  for (;;) {
    struct span key, value;
    if (!read_string(&p, end, &key) || p >= end || *p++ != ':') return 0;
    if (p < end && *p == '"') {
      if (!read_string(&p, end, &value)) return 0;
    } else {
      for (value.at = p; p < end && *p != ',' && *p != '}'; p++);
      value.length = (int)(p - value.at);
    }
    int field = 0;
    while (field < field_count && (strlen(field_names[field]) != (size_t)key.length || memcmp(field_names[field], key.at, (size_t)key.length)))
      field++;
    if (field == field_count || found[field].at) return 0;
    found[field] = value;
    if (p >= end) return 0;
    if (*p == '}') return p + 1 == end;
    if (*p++ != ',') return 0;
  }
}

static int read_number(struct span s, int64_t *value) {
  if (s.length < 1 || s.length > 15) return 0;
  *value = 0;
  for (int i = 0; i < s.length; i++) {
    if (s.at[i] < '0' || s.at[i] > '9') return 0;
    *value = *value * 10 + s.at[i] - '0';
  }
  return 1;
}

/* A share of one with at most six decimals, in millionths. */
static int read_share(struct span s, int32_t *ppm) {
  if (s.length < 1 || s.length > 8 || (s.at[0] != '0' && s.at[0] != '1') || (s.length > 1 && s.at[1] != '.')) return 0;
  *ppm = s.at[0] - '0';
  for (int i = 2; i < 8; i++) {
    int digit = i < s.length ? s.at[i] - '0' : 0;
    if (digit < 0 || digit > 9) return 0;
    *ppm = *ppm * 10 + digit;
  }
  return *ppm <= 1000000;
}

static int read_uuid(struct span s, unsigned char *id) {
  if (s.length != 36) return 0;
  for (int i = 0, n = 0; i < 36; i++) {
    char c = s.at[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return 0;
      continue;
    }
    int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return 0;
    id[n / 2] = (unsigned char)(n % 2 ? id[n / 2] | digit : digit << 4), n++;
  }
  return 1;
}

static int read_event(const char *topic, const char *payload, int length, int64_t now_ms, struct event *e) {
  static const char *kinds[] = {"working", "idle", "absent"};
  struct span f[field_count] = {{0, 0}};
  if (!read_fields(payload, length, f)) return 0;
  for (int i = 0; i < field_count; i++)
    if (!f[i].at || f[i].length < 1 || f[i].length > name_limit) return 0;
  for (e->kind = 0; e->kind < 3; e->kind++)
    if (strlen(kinds[e->kind]) == (size_t)f[event_type].length && !memcmp(kinds[e->kind], f[event_type].at, (size_t)f[event_type].length)) break;
  const char *camera = strstr(topic, "/camera/"), *after = camera ? strchr(camera + 8, '/') : NULL;
  if (e->kind == 3 || !after || after == camera + 8 || after - camera - 8 > name_limit || !read_number(f[timestamp], &e->ts)
      || !read_share(f[confidence], &e->ppm) || !read_uuid(f[event_id], e->id))
    return 0;
  e->delay_ms = now_ms - e->ts > INT32_MAX ? INT32_MAX : (int32_t)(now_ms - e->ts);
  e->worker = name_id(worker_name, f[worker_id].at, f[worker_id].length);
  e->station = name_id(station_name, f[workstation_id].at, f[workstation_id].length);
  e->camera = name_id(camera_name, camera + 8, (int)(after - camera - 8));
  e->model = name_id(model_name, f[model_version].at, f[model_version].length);
  return 1;
}

/* ---- the session */

static int64_t turn_ms; /* the time at which this turn's messages came */
static int64_t first_ms; /* when the first message came, on the clock that nothing sets */
static int64_t heard_ms; /* when the broker last sent messages, on the same clock */

static void on_message(struct mosquitto *m, void *u, const struct mosquitto_message *x, const mosquitto_property *p) {
  (void)m, (void)u, (void)p;
  if (!seen++) first_ms = milliseconds(CLOCK_MONOTONIC);
  if (count == commit_limit + slack) fail("library", "delivers more than asked for");
  if (read_event(x->topic, x->payload, x->payloadlen, turn_ms, &events[count])) count++;
  else rejected++;
}

static void on_connect(struct mosquitto *m, void *u, int reason, int flags, const mosquitto_property *p) {
  (void)m, (void)u, (void)p;
  if (reason) fail("CONNACK", mosquitto_reason_string(reason));
  connected = 1, resumed = flags & 1;
}

static void on_subscribe(struct mosquitto *m, void *u, int mid, int n, const int *q, const mosquitto_property *p) {
  (void)m, (void)u, (void)mid, (void)p;
  if (n != 1 || q[0] != 1) fail("SUBACK", "not QoS 1");
  subscribed = 1;
}

static void check(int error) {
  if (error) fail("connection", mosquitto_strerror(error));
}

static struct mosquitto *open_session(const char *client, int port) {
  struct mosquitto *m = mosquitto_new(client, false, NULL);
  mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  mosquitto_int_option(m, MOSQ_OPT_RECEIVE_MAXIMUM, 65535);
  mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_message_v5_callback_set(m, on_message);
  mosquitto_connect_v5_callback_set(m, on_connect);
  mosquitto_subscribe_v5_callback_set(m, on_subscribe);
  /* The library then queues acknowledgements instead of sending each at once. */
  mosquitto_threaded_set(m, true);
  mosquitto_property *properties = NULL;
  mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, 3600);
  check(mosquitto_connect_bind_v5(m, "127.0.0.1", port, 60, NULL, properties));
  mosquitto_property_free_all(&properties);
  return m;
}

static void turn(struct mosquitto *m) {
  struct pollfd ready = {mosquitto_socket(m), POLLIN, 0};
  if (poll(&ready, 1, 100) < 0 && errno != EINTR) fail("poll", strerror(errno));
  turn_ms = milliseconds(CLOCK_REALTIME);
  long already = seen;
  while (count < commit_limit) {
    long before = seen;
    errno = 0;
    check(mosquitto_loop_read(m, 1));
    if (seen == before && errno == EAGAIN) break;
  }
  if (count) commit_events(events, count);
  count = new_count = 0;
  int64_t now_ms = milliseconds(CLOCK_MONOTONIC);
  if (!heard_ms || seen > already) heard_ms = now_ms;
  if (now_ms - heard_ms > patience_ms) fail("broker", "sends nothing more");
  /* Together: without the cork each acknowledgement is a segment of its own. */
  int on = 1, off = 0;
  setsockopt(ready.fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
  check(mosquitto_loop_write(m, 1));
  setsockopt(ready.fd, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
  check(mosquitto_loop_misc(m));
}

/* PROGRAM PORT CLIENT TOPIC STORE N: takes N messages; with 0 only makes the session and the store. Prints JSON. */
int main(int argc, char **argv) {
  if (argc != 6) {
    int major, minor, revision;
    mosquitto_lib_version(&major, &minor, &revision);
    printf("libmosquitto %d.%d.%d, %s\n", major, minor, revision, store_version());
    return argc == 2 && !strcmp(argv[1], "--version") ? 0 : 64;
  }
  long wanted = atol(argv[5]);
  mosquitto_lib_init();
  open_store(argv[4]);
  struct mosquitto *m = open_session(argv[2], atoi(argv[1]));
  check(mosquitto_loop_write(m, 1));
  for (int asked = 0; seen < wanted || !(resumed || subscribed);) {
    turn(m);
    if (connected && !resumed && !asked++) check(mosquitto_subscribe(m, NULL, argv[3], 1));
  }
  double seconds = (double)(milliseconds(CLOCK_MONOTONIC) - first_ms) / 1000;
  mosquitto_disconnect(m);
  mosquitto_loop_write(m, 1);
  printf("{\"received\":%ld,\"rejected\":%ld,\"seconds\":%.3f,\"bytes\":%lld}\n", seen, rejected, seen ? seconds : 0, store_bytes());
  return 0;
}
