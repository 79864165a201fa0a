/* Measures latency from the other side: plays the broker of one bridge, publishes events to it at a rate and takes the
 * time until each PUBACK (so the event is on disk), and until a site's KPI says that it knows the event.
 *
 *   pacer PORT SITE RATE SECONDS       prints JSON: {"sent":N,"ack":[p50,p99,p99.9],"kpi":[p50,p99]}, milliseconds
 *
 * Only as much MQTT 5 as one bridge needs, on 127.0.0.1. Every latency is kept, so the percentiles are exact.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { clients_max = 32, window = 60000 };
struct client {
  int fd;
  unsigned char in[1 << 20];
  size_t have;
};
static struct client *clients[clients_max];
static struct client *lane;
static char event_topic[128], kpi_part[160];
static double sent_at[window + 1];
static double *acks, *kpis;
static double *times;        /* when event number n was sent */
static long long *stamps;    /* its timestamp, ascending */
static long acked, known, sent, wanted;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long long wall(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void put(int fd, const unsigned char *bytes, size_t count) {
  while (count) {
    ssize_t n = send(fd, bytes, count, MSG_NOSIGNAL);
    if (n < 0) return;
    bytes += n, count -= (size_t)n;
  }
}

/* A variable byte integer; returns how many bytes it has, 0 when there are too few. */
static size_t varint(const unsigned char *p, size_t have, size_t *value) {
  *value = 0;
  for (size_t i = 0; i < have && i < 4; i++) {
    *value |= (size_t)(p[i] & 127) << (7 * i);
    if (!(p[i] & 128)) return i + 1;
  }
  return 0;
}

static size_t answer(unsigned char *out, unsigned char type, const unsigned char *pid, int codes) {
  size_t n = 0;
  out[n++] = type, out[n++] = (unsigned char)(3 + codes), out[n++] = pid[0], out[n++] = pid[1], out[n++] = 0;
  for (int i = 0; i < codes; i++) out[n++] = type == 0x90 ? 1 : 0;
  return n;
}

static void on_kpi(const unsigned char *payload, size_t count) {
  const unsigned char *p = memmem(payload, count, "\"last_event_ms\":", 16);
  if (!p) return;
  long long newest = strtoll((const char *)p + 16, NULL, 10);
  double at = now();
  /* All events up to that one are in the figures: the earliest publication that says so counts. */
  while (known < sent && stamps[known] <= newest) kpis[known] = (at - times[known]) * 1e3, known++;
}

static void take(struct client *c, unsigned char head, const unsigned char *p, size_t length) {
  unsigned char out[64];
  size_t skip, n;
  switch (head >> 4) {
  case 1: put(c->fd, (unsigned char[]){0x20, 3, 0, 0, 0}, 5); break;
  case 3: {
    size_t topic = (size_t)p[0] << 8 | p[1], at = 2 + topic;
    const unsigned char *pid = p + at;
    if (head & 6) at += 2;
    n = varint(p + at, length - at, &skip);
    at += n + skip;
    if (memmem(p + 2, topic, kpi_part, strlen(kpi_part))) on_kpi(p + at, length - at);
    if (head & 6) put(c->fd, (unsigned char[]){0x40, 2, pid[0], pid[1]}, 4);
    break;
  }
  case 4: {
    size_t pid = (size_t)p[0] << 8 | p[1];
    if (sent_at[pid] > 0) acks[acked++] = (now() - sent_at[pid]) * 1e3;
    sent_at[pid] = 0;
    break;
  }
  case 8: case 10: {
    int codes = 0;
    n = varint(p + 2, length - 2, &skip);
    for (size_t at = 2 + n + skip; at + 2 < length; codes++) {
      size_t filter = (size_t)p[at] << 8 | p[at + 1];
      if (head >> 4 == 8 && filter > 6 && !memcmp(p + at + 2 + filter - 6, "/event", 6)) lane = c;
      at += 2 + filter + (head >> 4 == 8);
    }
    n = answer(out, head >> 4 == 8 ? 0x90 : 0xB0, p, codes);
    put(c->fd, out, n);
    break;
  }
  case 12: put(c->fd, (unsigned char[]){0xD0, 0}, 2); break;
  }
}

static void drop(int i) {
  if (clients[i] == lane) lane = NULL;
  close(clients[i]->fd);
  free(clients[i]);
  clients[i] = NULL;
}

static void receive(int i) {
  struct client *c = clients[i];
  ssize_t got = recv(c->fd, c->in + c->have, sizeof c->in - c->have, 0);
  if (got <= 0) return drop(i);
  c->have += (size_t)got;
  size_t at = 0, length;
  while (c->have - at > 1) {
    size_t n = varint(c->in + at + 1, c->have - at - 1, &length);
    if (!n || c->have - at < 1 + n + length) break;
    take(c, c->in[at], c->in + at + 1 + n, length);
    at += 1 + n + length;
  }
  memmove(c->in, c->in + at, c->have - at);
  c->have -= at;
}

static size_t event(unsigned char *out, long number) {
  char payload[320], topic[160];
  int t = snprintf(topic, sizeof topic, event_topic, 1 + number % 6);
  int size = snprintf(
      payload, sizeof payload,
      "{\"timestamp\":%lld,\"worker_id\":\"W%ld\",\"workstation_id\":\"S%ld\",\"event_type\":\"%s\",\"confidence\":0.%ld,"
      "\"model_version\":\"yolov8-1.2.0\",\"event_id\":\"3f2c8a52-0000-4000-8000-%012ld\"}",
      stamps[number] = wall(), number % 200, number % 20, number / 200 % 2 ? "working" : "idle", 80 + number % 20, number);
  size_t length = 2 + (size_t)t + 2 + 1 + (size_t)size, n = 0;
  size_t pid = 1 + (size_t)number % window;
  out[n++] = 0x32;
  for (size_t rest = length; rest; rest >>= 7) out[n++] = (unsigned char)((rest & 127) | (rest > 127 ? 128 : 0));
  out[n++] = (unsigned char)(t >> 8), out[n++] = (unsigned char)t;
  memcpy(out + n, topic, (size_t)t), n += (size_t)t;
  out[n++] = (unsigned char)(pid >> 8), out[n++] = (unsigned char)pid, out[n++] = 0;
  memcpy(out + n, payload, (size_t)size), n += (size_t)size;
  times[number] = sent_at[pid] = now();
  return n;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double share(double *values, long count, double part) {
  if (!count) return -1;
  long at = (long)(part * (double)count);
  return values[at < count ? at : count - 1];
}

int main(int argc, char **argv) {
  if (argc != 5) return 64;
  long rate = atol(argv[3]), seconds = atol(argv[4]);
  wanted = rate * seconds;
  snprintf(event_topic, sizeof event_topic, "andon/v1/%s/camera/cam-0%%ld/event", argv[2]);
  snprintf(kpi_part, sizeof kpi_part, "andon/v1/%s/kpi/site", argv[2]);
  acks = calloc((size_t)wanted, sizeof *acks), kpis = calloc((size_t)wanted, sizeof *kpis);
  times = calloc((size_t)wanted, sizeof *times), stamps = calloc((size_t)wanted, sizeof *stamps);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) return 1;
  double start = 0, deadline = now() + 30;
  static unsigned char out[1 << 20];
  while (now() < deadline) {
    struct pollfd p[clients_max + 1] = {{listener, POLLIN, 0}};
    int owner[clients_max + 1], count = 1;
    for (int i = 0; i < clients_max; i++)
      if (clients[i]) p[count] = (struct pollfd){clients[i]->fd, POLLIN, 0}, owner[count++] = i;
    poll(p, (nfds_t)count, 1);
    for (int k = 1; k < count; k++)
      if (p[k].revents) receive(owner[k]);
    if (p[0].revents)
      for (int i = 0; i < clients_max; i++)
        if (!clients[i]) {
          clients[i] = calloc(1, sizeof **clients);
          clients[i]->fd = accept(listener, NULL, NULL);
          setsockopt(clients[i]->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          break;
        }
    if (!lane) continue;
    /* A second for the bridge to settle. */
    if (!start) start = now() + 1, deadline = start + (double)seconds + 10;
    size_t filled = 0;
    while (sent < wanted && now() >= start + (double)sent / (double)rate && filled < sizeof out - 1024
           && sent - acked < window - 1)
      filled += event(out + filled, sent), sent++;
    if (filled) put(lane->fd, out, filled);
    if (sent == wanted && acked == sent && known == sent) break;
  }
  qsort(acks, (size_t)acked, sizeof *acks, ascending);
  qsort(kpis, (size_t)known, sizeof *kpis, ascending);
  printf("{\"sent\":%ld,\"acked\":%ld,\"known\":%ld,\"ack\":[%.3f,%.3f,%.3f],\"kpi\":[%.1f,%.1f]}\n", sent, acked, known,
         share(acks, acked, .5), share(acks, acked, .99), share(acks, acked, .999), share(kpis, known, .5), share(kpis, known, .99));
  return 0;
}
