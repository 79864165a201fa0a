/* The yardstick: a bare libmosquitto consumer that counts and acknowledges, and does nothing else.
 *
 *   bare_consumer subscribe PORT CLIENT TOPIC      make the persistent session
 *   bare_consumer drain     PORT CLIENT TOPIC N    receive N messages, print seconds from the first to the last
 *   bare_consumer fill      PORT SITE N [WORKERS [LATE [PASSES]]]
 *                                                  publish N camera events at QoS 1, LATE of a hundred up to 6 h late,
 *                                                  all of it PASSES times
 */
#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long wanted, seen, acknowledged;
static int subscribed, batched;
static double first, last;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_message(struct mosquitto *m, void *u, const struct mosquitto_message *x, const mosquitto_property *p) {
  (void)m, (void)u, (void)x, (void)p;
  if (seen++ == 0) first = now();
  if (seen == wanted) last = now();
}

static void on_publish(struct mosquitto *m, void *u, int mid, int reason, const mosquitto_property *p) {
  (void)m, (void)u, (void)mid, (void)reason, (void)p;
  acknowledged++;
}

static void on_subscribe(struct mosquitto *m, void *u, int mid, int n, const int *q, const mosquitto_property *p) {
  (void)m, (void)u, (void)mid, (void)n, (void)q, (void)p;
  subscribed = 1;
}

static struct mosquitto *open_session(const char *client, int port) {
  struct mosquitto *m = mosquitto_new(client, false, NULL);
  mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  mosquitto_int_option(m, MOSQ_OPT_RECEIVE_MAXIMUM, 65535);
  mosquitto_int_option(m, MOSQ_OPT_SEND_MAXIMUM, 65535);
  mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_message_v5_callback_set(m, on_message);
  mosquitto_publish_v5_callback_set(m, on_publish);
  mosquitto_subscribe_v5_callback_set(m, on_subscribe);
  mosquitto_threaded_set(m, batched);
  mosquitto_property *properties = NULL;
  mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, 3600);
  if (mosquitto_connect_bind_v5(m, "127.0.0.1", port, 60, NULL, properties)) {
    fprintf(stderr, "cannot connect to port %d\n", port);
    exit(1);
  }
  return m;
}

static void fill(int port, const char *site, long count, long workers, long late, long passes) {
  struct mosquitto *m = open_session("bench-fill", port);
  long long start = (long long)time(NULL) * 1000 - count * 10;
  unsigned long random = 1;
  static const char *kinds[] = {"working", "idle", "absent"};
  char topic[128], payload[320];
  for (long j = 0; j < count * passes; j++) {
    long i = j % count;
    if (i == 0) random = 1;
    random = random * 6364136223846793005ul + 1442695040888963407ul;
    long behind = (long)(random >> 33) % 100 < late ? (long)(random >> 13) % 21600000 : 0;
    int length = snprintf(
        payload, sizeof payload,
        "{\"timestamp\":%lld,\"worker_id\":\"W%ld\",\"workstation_id\":\"S%ld\",\"event_type\":\"%s\","
        "\"confidence\":0.%ld,\"model_version\":\"yolov8-1.2.0\",\"event_id\":\"e%ld\"}",
        start + i * 10 - behind, i % workers, i % 20, kinds[i / workers % 3], 80 + i % 20, i);
    snprintf(topic, sizeof topic, "andon/v1/%s/camera/cam-0%ld/event", site, 1 + i % 6);
    mosquitto_publish_v5(m, NULL, topic, length, payload, 1, false, NULL);
    while (j - acknowledged > 2000) mosquitto_loop(m, 10, 1);
    if (j % 100 == 0) mosquitto_loop(m, 0, 1);
  }
  while (acknowledged < count * passes) mosquitto_loop(m, 10, 1);
  mosquitto_disconnect(m);
  mosquitto_loop(m, 10, 1);
}

/* As fast as the library goes: read until the socket is dry, then write all acknowledgements together. */
static void drain(struct mosquitto *m) {
  while (seen < wanted) {
    struct pollfd p = {mosquitto_socket(m), POLLIN, 0};
    poll(&p, 1, 100);
    for (long before = -1; seen < wanted && seen - before != 0;) {
      before = seen;
      for (int i = 0; i < 2048; i++) {
        errno = 0;
        if (mosquitto_loop_read(m, 1) || errno == EAGAIN) break;
      }
      mosquitto_loop_write(m, 1);
    }
    mosquitto_loop_misc(m);
  }
}

int main(int argc, char **argv) {
  if (argc < 5) return 64;
  mosquitto_lib_init();
  int port = atoi(argv[2]);
  if (!strcmp(argv[1], "fill")) {
    fill(port, argv[3], atol(argv[4]), argc > 5 ? atol(argv[5]) : 50, argc > 6 ? atol(argv[6]) : 0,
         argc > 7 ? atol(argv[7]) : 1);
    return 0;
  }
  batched = !strcmp(argv[1], "drain");
  struct mosquitto *m = open_session(argv[3], port);
  if (batched) mosquitto_loop_write(m, 1);
  if (!strcmp(argv[1], "subscribe")) {
    mosquitto_subscribe(m, NULL, argv[4], 1);
    while (!subscribed) mosquitto_loop(m, 10, 1);
  } else {
    wanted = atol(argv[5]);
    drain(m);
    printf("%f\n", last - first);
  }
  mosquitto_disconnect(m);
  mosquitto_loop(m, 10, 1);
  return 0;
}
