// Asks a server for pages as fast as it can answer, and compares every reply, byte by byte.
//
// usage: ask PORT CONNECTIONS WARM_UP SECONDS FILE
//
// FILE holds what is asked and what must come back, any number of times: the length of a request
// and that of its reply's body, four bytes each as this machine has them, the whole HTTP request,
// and that body. The connections are kept alive; each takes the next request of the file, in a
// circle, when its reply has come. Counts for SECONDS after WARM_UP seconds, then hears out what it
// asked. Prints one line of JSON: replies counted, replies a second, p50 and p99 in milliseconds,
// and how many replies were bad, warm-up included, with what was wrong with the first one. Bad is
// any status but 200, any other body, a connection that ends, and a reply that doesn't come.
// Compiled with OVER_TLS, it asks over TLS.
#include "loopback.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#ifdef OVER_TLS
#include "tls_line.h"
#else
#include "plain.h"
#endif

enum { EVENTS = 64, HEAD_SIZE = 4096, PIECE_SIZE = 64 * 1024, HEAR_OUT_SECONDS = 5 };

struct page {
    const char *request, *body;
    uint32_t request_length, body_length;
};
struct connection {
    struct line line;
    bool waiting;             // for a reply
    bool differs;             // what came of the body isn't the page's
    const struct page *page;  // what was asked for
    double asked;
    int status;
    size_t head_length;       // bytes in `head`, which a NUL follows
    size_t body_length;       // as the head says; 0 before it is whole
    size_t body_heard;
    char head[HEAD_SIZE + 1];
};

static int epoll, port;
static struct page *pages;
static size_t page_count, next_page;
static float *times;  // milliseconds of each counted reply
static size_t times_count, times_size;
static unsigned long bad;
static char first_bad[100];

static void read_pages(const char *name) {
    FILE *file = fopen(name, "rb");
    uint32_t lengths[2];
    if (!file) fail(name);
    while (fread(lengths, sizeof lengths, 1, file) == 1) {
        char *content = malloc((size_t)lengths[0] + lengths[1] + 1);
        pages = realloc(pages, (page_count + 1) * sizeof *pages);
        if (!content || !pages) fail("malloc");
        if (fread(content, 1, (size_t)lengths[0] + lengths[1], file) !=
            (size_t)lengths[0] + lengths[1])
            fail(name);
        pages[page_count++] =
            (struct page){content, content + lengths[0], lengths[0], lengths[1]};
    }
    fclose(file);
    if (!page_count) fail(name);
}

static void take_note(const char *what, int status, size_t length) {
    if (bad++) return;
    snprintf(first_bad, sizeof first_bad, "%s: status %d, %zu bytes", what, status, length);
}

static void open_connection(struct connection *c) {
    *c = (struct connection){.line = open_line(port)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->line.fd, &event)) fail("epoll_ctl");
}

static void ask(struct connection *c) {
    c->page = &pages[next_page++ % page_count];
    c->waiting = true;
    c->differs = false;
    c->status = 0;
    c->head_length = c->body_length = c->body_heard = 0;
    c->asked = seconds();
    // So little that it always fits into an idle connection's buffer. Where the server has just
    // closed it, the next read tells.
    ssize_t sent = say(c->line, c->page->request, c->page->request_length);
    if (sent >= 0 && sent != (ssize_t)c->page->request_length) fail("send");
}

// Takes the head's part of what came; gives how many bytes that was, or -1 where it is no head.
static ssize_t hear_head(struct connection *c, const char *piece, size_t length) {
    size_t before = c->head_length, room = HEAD_SIZE - before;
    size_t taken = length < room ? length : room;
    memcpy(c->head + before, piece, taken);
    c->head[before + taken] = 0;
    char *end = strstr(c->head, "\r\n\r\n");
    c->head_length = end ? (size_t)(end + 4 - c->head) : before + taken;
    if (!end) return c->head_length < HEAD_SIZE ? (ssize_t)taken : -1;
    const char *told = strcasestr(c->head, "\r\ncontent-length:");
    if (!told || told > end || sscanf(c->head, "HTTP/1.1 %d", &c->status) != 1) return -1;
    c->body_length = strtoul(told + strlen("\r\ncontent-length:"), NULL, 10);
    return c->body_length ? (ssize_t)(c->head_length - before) : -1;
}

// Takes what came; gives false where the connection is of no more use.
static bool hear(struct connection *c) {
    static char piece[PIECE_SIZE];
    ssize_t got = hear_some(c->line, piece, sizeof piece);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0 || !c->waiting) return false;
    size_t at = 0, length = (size_t)got;
    if (!c->body_length) {
        ssize_t of_head = hear_head(c, piece, length);
        if (of_head < 0) return false;
        if (!c->body_length) return true;  // there is more of the head to come
        at = (size_t)of_head;
    }
    size_t rest = length - at;
    if (rest > c->body_length - c->body_heard) return false;  // more than was announced
    if (c->body_length != c->page->body_length ||
        memcmp(piece + at, c->page->body + c->body_heard, rest))
        c->differs = true;
    c->body_heard += rest;
    return true;
}

static void count(double milliseconds) {
    if (times_count == times_size) {
        times_size = times_size ? times_size * 2 : 1 << 16;
        times = realloc(times, times_size * sizeof *times);
        if (!times) fail("realloc");
    }
    times[times_count++] = (float)milliseconds;
}

static int by_value(const void *one, const void *other) {
    float a = *(const float *)one, b = *(const float *)other;
    return (a > b) - (a < b);
}

// The value that so many percent don't exceed (nearest rank).
static double percentile(size_t percent) {
    return times_count ? times[(times_count * percent + 99) / 100 - 1] : 0;
}

int main(int count_given, char **given) {
    if (count_given != 6) {
        fprintf(stderr, "usage: ask PORT CONNECTIONS WARM_UP SECONDS FILE\n");
        return 2;
    }
    port = atoi(given[1]);
    int connections = atoi(given[2]), waiting = connections;
    double warm_up = atof(given[3]), length = atof(given[4]);
    read_pages(given[5]);

    struct connection *all = calloc((size_t)connections, sizeof *all);
    epoll = epoll_create1(0);
    if (!all || epoll < 0) fail("start");
    double start = seconds() + warm_up, end = start + length;
    for (struct connection *c = all; c < all + connections; c++) {
        open_connection(c);
        ask(c);
    }
    while (waiting && seconds() < end + HEAR_OUT_SECONDS) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, 100);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            bool alive = hear(c);
            if (alive && (!c->body_length || c->body_heard < c->body_length)) continue;
            double now = seconds();
            if (!alive) close_line(c->line);
            if (!c->waiting) continue;  // it was all heard out
            c->waiting = false;
            if (!alive) {
                take_note("no reply that can be read", c->status, c->body_heard);
                open_connection(c);
            } else if (c->status != 200 || c->differs) {
                take_note("another reply", c->status, c->body_length);
            } else if (now >= start && now < end) {
                count((now - c->asked) * 1e3);
            }
            if (now < end)
                ask(c);
            else
                waiting--;
        }
    }
    for (int i = 0; i < connections; i++)
        if (all[i].waiting) take_note("no reply", 0, 0);
    if (times_count) qsort(times, times_count, sizeof *times, by_value);
    printf("{\"replies\": %zu, \"rate\": %.1f, \"p50\": %.4f, \"p99\": %.4f, \"bad\": %lu, "
           "\"first_bad\": \"%s\"}\n",
           times_count, (double)times_count / length, percentile(50), percentile(99), bad,
           first_bad);
    return 0;
}
