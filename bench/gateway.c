// An SMS gateway to measure against: takes Twilio's POST .../Messages.json, answers later, counts.
//
// usage: gateway PORT LEAST_MS MOST_MS [WATCHED]
//
// Answers each message 201 after a time drawn evenly from LEAST_MS to MOST_MS. Arrivals are told by
// CLOCK_REALTIME, in seconds, at the moment when a message's last byte was read. Of messages whose
// number starts with WATCHED ("+61499") every arrival is kept.
//   GET /stats     {"count": n, "first": time, "last": time, "watched": [["+61...", time], ...]}
//   POST /reset    forgets all of it
// One thread, epoll, HTTP/1.1 with keep-alive and pipelining on 127.0.0.1, no chunked requests.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { IN_SIZE = 64 * 1024, EVENTS = 256, NUMBER_SIZE = 32 };

struct connection {
    int fd;
    uint32_t interest;  // what epoll watches it for
    bool waiting;       // a message was read, its answer is not due yet; nothing is read past it
    bool ending;        // to be closed once `out` is written
    double due;
    char *out;          // answers that were not written yet: from out_start to out_end
    size_t out_start, out_end, out_size;
    size_t received;    // bytes in `in`, which a NUL follows
    char in[IN_SIZE + 1];
};
struct arrival {
    double time;
    char number[NUMBER_SIZE];
};

static int epoll;
static double least, most;  // seconds
static const char *watched_prefix;

static unsigned long count;
static double first, last;
static struct arrival *watched;
static size_t watched_count, watched_size;

// The connections whose answer is not due yet: a heap, the next one due at the top. One that closes
// stays in it with fd -1 until its time comes.
static struct connection **pending;
static size_t pending_count, pending_size;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// Gives room for `needed` items, where `*size` is how many there is room for now.
static void *grown(void *items, size_t *size, size_t needed, size_t item) {
    if (needed <= *size) return items;
    *size = needed * 2;
    items = realloc(items, *size * item);
    if (!items) fail("realloc");
    return items;
}

static void push_pending(struct connection *c) {
    pending = grown(pending, &pending_size, pending_count + 1, sizeof *pending);
    size_t at = pending_count++;
    for (; at && pending[(at - 1) / 2]->due > c->due; at = (at - 1) / 2)
        pending[at] = pending[(at - 1) / 2];
    pending[at] = c;
}

static struct connection *pop_pending(void) {
    struct connection *top = pending[0], *moved = pending[--pending_count];
    size_t at = 0, child;
    while ((child = 2 * at + 1) < pending_count) {
        if (child + 1 < pending_count && pending[child + 1]->due < pending[child]->due) child++;
        if (moved->due <= pending[child]->due) break;
        pending[at] = pending[child];
        at = child;
    }
    pending[at] = moved;
    return top;
}

static void drop(struct connection *c) {
    close(c->fd);  // which takes it from epoll as well
    free(c->out);
    c->out = NULL;
    c->fd = -1;
    if (!c->waiting) free(c);
}

static void answer(struct connection *c, const char *status, const char *content, size_t length) {
    enum { HEAD_SIZE = 128 };
    c->out = grown(c->out, &c->out_size, c->out_end + HEAD_SIZE + length, 1);
    c->out_end += (size_t)snprintf(
        c->out + c->out_end, HEAD_SIZE,
        "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
        status, length);
    memcpy(c->out + c->out_end, content, length);
    c->out_end += length;
}

// Gives up on a client that sends what can't be followed.
static bool refuse(struct connection *c) {
    answer(c, "400 Bad Request", "{}", 2);
    c->ending = true;
    return false;
}

static void answer_message(struct connection *c) {
    static unsigned long sid;
    char content[80];
    answer(c, "201 Created", content,
           (size_t)snprintf(content, sizeof content,
                            "{\"sid\":\"SM%032lx\",\"status\":\"queued\"}", ++sid));
}

static void answer_stats(struct connection *c) {
    char *content;
    size_t length;
    FILE *file = open_memstream(&content, &length);
    if (!file) fail("open_memstream");
    fprintf(file, "{\"count\":%lu,\"first\":%.6f,\"last\":%.6f,\"watched\":[", count, first, last);
    for (size_t i = 0; i < watched_count; i++)
        fprintf(file, "%s[\"%s\",%.6f]", i ? "," : "", watched[i].number, watched[i].time);
    fprintf(file, "]}");
    if (fclose(file)) fail("fclose");
    answer(c, "200 OK", content, length);
    free(content);
}

static void note_message(const char *form, size_t length) {
    double time = seconds(CLOCK_REALTIME);
    if (!count++) first = time;
    last = time;
    if (!watched_prefix) return;
    // Urlencoded: an "=" stands after a field's name and nowhere else.
    const char *to = memmem(form, length, "To=%2B", 6);
    if (!to) return;
    struct arrival arrival = {.time = time};
    int digits = (int)strspn(to + 6, "0123456789");
    snprintf(arrival.number, NUMBER_SIZE, "+%.*s", digits, to + 6);
    if (strncmp(arrival.number, watched_prefix, strlen(watched_prefix))) return;
    watched = grown(watched, &watched_size, watched_count + 1, sizeof *watched);
    watched[watched_count++] = arrival;
}

static bool starts_with(const char *text, const char *start) {
    return !strncmp(text, start, strlen(start));
}

// Gives the line after `line`; there is one before `end`.
static const char *next_line(const char *line, const char *end) {
    return (const char *)memmem(line, (size_t)(end - line), "\r\n", 2) + 2;
}

static void handle(struct connection *c, const char *body, size_t length) {
    static const char messages[] = "/Messages.json HTTP/1.1\r\n";
    const size_t tail = sizeof messages - 1;
    const char *target_end = next_line(c->in, body) - tail;
    if (starts_with(c->in, "POST ") && target_end > c->in && starts_with(target_end, messages)) {
        note_message(body, length);
        if (most > 0) {
            c->waiting = true;
            c->due = seconds(CLOCK_MONOTONIC) + least + (most - least) * drand48();
            push_pending(c);
        } else answer_message(c);
    } else if (starts_with(c->in, "GET /stats ")) {
        answer_stats(c);
    } else if (starts_with(c->in, "POST /reset ")) {
        count = watched_count = 0;
        first = last = 0;
        answer(c, "200 OK", "{}", 2);
    } else answer(c, "404 Not Found", "{}", 2);
}

// Handles the first request in `in`, if all of it is there; false where it isn't.
static bool handle_request(struct connection *c) {
    const char *head_end = memmem(c->in, c->received, "\r\n\r\n", 4);
    if (!head_end) return c->received == IN_SIZE ? refuse(c) : false;
    const char *body = head_end + 4;
    size_t head = (size_t)(body - c->in), length = 0;
    for (const char *line = next_line(c->in, body); line < head_end; line = next_line(line, body)) {
        if (!strncasecmp(line, "Content-Length:", 15)) length = strtoul(line + 15, NULL, 10);
        if (!strncasecmp(line, "Transfer-Encoding:", 18)) return refuse(c);
    }
    if (length > IN_SIZE - head) return refuse(c);
    if (c->received < head + length) return false;
    handle(c, body, length);
    c->received -= head + length;
    memmove(c->in, body + length, c->received + 1);
    return true;
}

static bool gone(ssize_t result) {
    return result == 0 || (result < 0 && errno != EAGAIN && errno != EINTR);
}

// Handles what was read, as far as it goes, and writes what is to be written.
static void proceed(struct connection *c) {
    while (!c->waiting && !c->ending && handle_request(c)) continue;
    if (c->out_end) {
        ssize_t sent = send(c->fd, c->out + c->out_start, c->out_end - c->out_start, MSG_NOSIGNAL);
        if (gone(sent)) return drop(c);
        if (sent > 0) c->out_start += (size_t)sent;
        if (c->out_start == c->out_end) c->out_start = c->out_end = 0;
    }
    if (c->ending && !c->out_end) return drop(c);
    // Who doesn't read its answers isn't read either.
    uint32_t interest = c->out_end ? EPOLLOUT : c->received < IN_SIZE ? EPOLLIN : 0;
    if (interest == c->interest) return;
    c->interest = interest;
    struct epoll_event event = {.events = interest, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event)) fail("epoll_ctl");
}

static void serve(struct connection *c, uint32_t events) {
    if (events & (EPOLLERR | EPOLLHUP)) return drop(c);
    if (events & EPOLLIN) {
        ssize_t got = read(c->fd, c->in + c->received, IN_SIZE - c->received);
        if (gone(got)) return drop(c);
        if (got > 0) c->received += (size_t)got;
        c->in[c->received] = 0;
    }
    proceed(c);
}

static void welcome(int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *c = calloc(1, sizeof *c);
        if (!c) fail("calloc");
        c->fd = fd;
        c->interest = EPOLLIN;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
    }
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) fail("accept4");
}

// Answers what is due; gives the milliseconds until the next answer is, -1 where none waits.
static int answer_due(void) {
    double now = seconds(CLOCK_MONOTONIC);
    while (pending_count && pending[0]->due <= now) {
        struct connection *c = pop_pending();
        c->waiting = false;
        if (c->fd < 0) {
            free(c);
            continue;
        }
        answer_message(c);
        proceed(c);
    }
    return pending_count ? (int)((pending[0]->due - now) * 1e3) + 1 : -1;
}

int main(int count_given, char **given) {
    if (count_given < 4) {
        fprintf(stderr, "usage: gateway PORT LEAST_MS MOST_MS [WATCHED]\n");
        return 2;
    }
    least = atof(given[2]) / 1e3;
    most = atof(given[3]) / 1e3;
    watched_prefix = given[4];  // NULL where it isn't given
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(given[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (listener < 0) fail("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024))
        fail("cannot listen");
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event)) fail("epoll");
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, answer_due());
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) serve(events[i].data.ptr, events[i].events);
            else welcome(listener);
        }
    }
}
