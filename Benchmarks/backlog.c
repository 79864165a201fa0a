/* Makes camera events for the benchmarks: a queue at the broker, or lines for `andon import`.
 *
 *   backlog fill PORT SITE COUNT [OPTION VALUE]...     publish at QoS 1, in up to 2000 messages in flight
 *   backlog lines COUNT [OPTION VALUE]...              print JSON lines
 *
 *   --first MS       time of event 0; event number j is at MS + j * step. Default: so that the last one is now.
 *   --step MS        10
 *   --from J         number of the first event, 0
 *   --workers N      50: event j is of worker j mod N, who changes state with each event
 *   --cameras N      6: event j is of camera j mod N
 *   --late PERCENT   so many of a hundred events are up to 6 h late
 *   --passes N       the whole again N times: duplicates
 *   --hole J         the last camera is silent from event number J
 *   --catch-up J     every second event is what the last camera should have sent since event number J; the others send
 *                    in order. Count J's events from a run with --hole J.
 *
 * Equal options give equal events, ids included.
 */
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long count, from, workers = 50, cameras = 6, late, passes = 1, hole = -1, catch_up = -1;
static long long first, step = 10;
static long acknowledged;

static uint64_t mixed(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

/* The number of the i-th event of this run, -1 for one that is not sent. */
static long number_of(long i) {
  long j = from + i;
  if (catch_up >= 0) {
    if (i % 2) return (catch_up / cameras + i / 2) * cameras + cameras - 1;
    return cameras > 1 ? from + i / 2 / (cameras - 1) * cameras + i / 2 % (cameras - 1) : from + i / 2;
  }
  return hole >= 0 && j >= hole && j % cameras == cameras - 1 ? -1 : j;
}

static int write_event(char *out, size_t size, long j, const char *more) {
  static const char *kinds[] = {"working", "idle", "absent"};
  uint64_t a = mixed((uint64_t)j), b = mixed(a);
  long long behind = (long)(a >> 20) % 100 < late ? (long long)(b % 21600000) : 0;
  return snprintf(
      out, size,
      "{%s\"timestamp\":%lld,\"worker_id\":\"W%ld\",\"workstation_id\":\"S%ld\",\"event_type\":\"%s\","
      "\"confidence\":0.%ld,\"model_version\":\"yolov8-1.2.0\",\"event_id\":\"%08x-%04x-4%03x-%04x-%012llx\"}",
      more, first + j * step - behind, j % workers, j % 20, kinds[j / workers % 3], 80 + j % 20, (unsigned)(a >> 32),
      (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff, 0x8000 | ((unsigned)(b >> 48) & 0x3fff),
      (unsigned long long)b & 0xffffffffffffu);
}

static void on_publish(struct mosquitto *m, void *u, int mid, int reason, const mosquitto_property *p) {
  (void)m, (void)u, (void)mid, (void)reason, (void)p;
  acknowledged++;
}

static struct mosquitto *open_session(int port) {
  struct mosquitto *m = mosquitto_new("backlog", true, NULL);
  mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  mosquitto_int_option(m, MOSQ_OPT_SEND_MAXIMUM, 65535);
  mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_publish_v5_callback_set(m, on_publish);
  if (mosquitto_connect_bind_v5(m, "127.0.0.1", port, 60, NULL, NULL)) {
    fprintf(stderr, "backlog: cannot connect to port %d\n", port);
    exit(1);
  }
  return m;
}

static void turn(struct mosquitto *m, int milliseconds) {
  int error = mosquitto_loop(m, milliseconds, 1);
  if (!error) return;
  fprintf(stderr, "backlog: %s\n", mosquitto_strerror(error));
  exit(1);
}

static void fill(int port, const char *site) {
  struct mosquitto *m = open_session(port);
  char topic[128], payload[400];
  long sent = 0;
  for (long i = 0; i < count * passes; i++) {
    long j = number_of(i % count);
    if (j < 0) continue;
    int length = write_event(payload, sizeof payload, j, "");
    snprintf(topic, sizeof topic, "andon/v1/%s/camera/cam-%02ld/event", site, 1 + j % cameras);
    mosquitto_publish_v5(m, NULL, topic, length, payload, 1, false, NULL);
    sent++;
    while (sent - acknowledged > 2000) turn(m, 10);
    if (sent % 100 == 0) turn(m, 0);
  }
  while (acknowledged < sent) turn(m, 10);
  mosquitto_disconnect(m);
  mosquitto_loop(m, 10, 1);
}

static void lines(void) {
  char line[400], camera[48];
  for (long i = 0; i < count * passes; i++) {
    long j = number_of(i % count);
    if (j < 0) continue;
    snprintf(camera, sizeof camera, "\"camera_id\":\"cam-%02ld\",", 1 + j % cameras);
    write_event(line, sizeof line, j, camera);
    puts(line);
  }
}

static void read_options(char **option) {
  first = -1;
  for (; option[0]; option += 2) {
    if (!option[1]) exit(64);
    long long value = atoll(option[1]);
    const char *name = option[0];
    if (!strcmp(name, "--first")) first = value;
    else if (!strcmp(name, "--step")) step = value;
    else if (!strcmp(name, "--from")) from = (long)value;
    else if (!strcmp(name, "--workers")) workers = (long)value;
    else if (!strcmp(name, "--cameras")) cameras = (long)value;
    else if (!strcmp(name, "--late")) late = (long)value;
    else if (!strcmp(name, "--passes")) passes = (long)value;
    else if (!strcmp(name, "--hole")) hole = (long)value;
    else if (!strcmp(name, "--catch-up")) catch_up = (long)value;
    else fprintf(stderr, "backlog: %s is no option\n", name), exit(64);
  }
  if (workers < 1 || cameras < 1 || passes < 1) exit(64);
  if (first < 0) first = (long long)time(NULL) * 1000 - (from + count) * step;
}

int main(int argc, char **argv) {
  int fills = argc > 4 && !strcmp(argv[1], "fill");
  if (!fills && (argc < 3 || strcmp(argv[1], "lines"))) return 64;
  count = atol(argv[fills ? 4 : 2]);
  read_options(argv + (fills ? 5 : 3));
  if (!fills) return lines(), 0;
  mosquitto_lib_init();
  return fill(atoi(argv[2]), argv[3]), 0;
}
