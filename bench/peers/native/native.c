// A native server: the same page by the same statement, in one thread, without Python.
//
// usage: native SQL_FILE, with RECALLS_PORT, RECALLS_DATABASE_OWNER_URL and
// RECALLS_DATABASE_CONNECTIONS in the environment, and PostgreSQL's settings in PGOPTIONS
//
// It answers POST /graphql with the page that the variables ask for, whatever the document says,
// and checks nobody. A request that it doesn't understand gets 400 and the connection's end; a
// connection's requests are answered one after another. Ends if it loses a connection to PostgreSQL.
#include "../../loopback.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bytes.h"
#include "question.h"
#include "page.h"
#include "database.h"

enum { EVENTS = 64, IN_SIZE = 16 * 1024, HEAD_SIZE = 128 };

struct client {
    struct source source;  // its fd is -1 once the client has gone
    bool asking;           // for a page, which the database hasn't given yet
    bool ending;           // once `out` is sent
    uint32_t interest;     // what epoll watches for
    size_t received;       // bytes in `in`, which a NUL follows
    size_t sent;           // bytes of `out`
    struct bytes out;
    struct asked asked;
    struct client *next_gone;
    char in[IN_SIZE + 1];
};

static int epoll;
// Freed after all events of a round, one of which may still be theirs.
static struct client *gone;

static void forget(struct client *c) {
    c->next_gone = gone;
    gone = c;
}

static void drop(struct client *c) {
    close(c->source.fd);  // which takes it from epoll as well
    c->source.fd = -1;
    if (!c->asking) forget(c);
}

static void free_gone(void) {
    while (gone) {
        struct client *c = gone;
        gone = c->next_gone;
        free(c->out.at);
        free(c);
    }
}

static void answer(struct client *c, const char *status, const char *body, size_t length) {
    c->out.length += (size_t)snprintf(
        room(&c->out, HEAD_SIZE), HEAD_SIZE,
        "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n", status,
        length);
    add(&c->out, body, length);
}

static void refuse(struct client *c) {
    answer(c, "400 Bad Request", "{}", 2);
    c->ending = true;
}

// Returns the line after `line`; there is one before `end`.
static const char *next_line(const char *line, const char *end) {
    return (const char *)memmem(line, (size_t)(end - line), "\r\n", 2) + 2;
}

// Takes the first request from `in`; returns whether it was there as a whole.
static bool take_request(struct client *c) {
    static const char target[] = "POST /graphql HTTP/1.1\r\n";
    const char *head_end = memmem(c->in, c->received, "\r\n\r\n", 4);
    if (!head_end) {
        if (c->received == IN_SIZE) refuse(c);
        return false;
    }
    const char *body = head_end + 4;
    size_t head = (size_t)(body - c->in), length = 0;
    bool understood = !strncmp(c->in, target, sizeof target - 1);
    for (const char *line = next_line(c->in, body); line < head_end; line = next_line(line, body)) {
        if (!strncasecmp(line, "Content-Length:", 15)) length = strtoul(line + 15, NULL, 10);
        if (!strncasecmp(line, "Transfer-Encoding:", 18)) understood = false;
    }
    if (!understood || length > IN_SIZE - head) {
        refuse(c);
        return false;
    }
    if (c->received < head + length) return false;
    if (read_question(body, length, &c->asked.question)) {
        c->asking = true;
        ask_database(&c->asked);
    } else {
        refuse(c);
    }
    c->received -= head + length;
    memmove(c->in, body + length, c->received + 1);
    return true;
}

static bool is_over(ssize_t result) {
    return result == 0 || (result < 0 && errno != EAGAIN && errno != EINTR);
}

// Asks and sends as much as it can.
static void proceed(struct client *c) {
    while (!c->asking && !c->ending && take_request(c)) continue;
    if (c->out.length) {
        ssize_t sent = send(c->source.fd, c->out.at + c->sent, c->out.length - c->sent, MSG_NOSIGNAL);
        if (is_over(sent)) return drop(c);
        if (sent > 0) c->sent += (size_t)sent;
        if (c->sent == c->out.length) c->sent = c->out.length = 0;
    }
    if (c->ending && !c->out.length) return drop(c);
    // A client that doesn't read its answers isn't read either.
    uint32_t interest = c->out.length ? EPOLLOUT : c->received < IN_SIZE ? EPOLLIN : 0;
    if (interest == c->interest) return;
    c->interest = interest;
    struct epoll_event event = {.events = interest, .data.ptr = &c->source};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, c->source.fd, &event)) fail("epoll_ctl");
}

static void send_page(struct asked *asked, const PGresult *rows) {
    static struct bytes page;
    struct client *c = (struct client *)((char *)asked - offsetof(struct client, asked));
    c->asking = false;
    if (c->source.fd < 0) return forget(c);
    if (PQresultStatus(rows) == PGRES_TUPLES_OK) {
        page.length = 0;
        add_page(&page, rows, asked->question.first);
        answer(c, "200 OK", page.at, page.length);
    } else {
        refuse(c);  // no date, say
    }
    proceed(c);
}

static void client_ready(struct source *source, uint32_t events) {
    struct client *c = (struct client *)source;
    if (c->source.fd < 0) return;
    if (events & (EPOLLERR | EPOLLHUP)) return drop(c);
    if (events & EPOLLIN) {
        ssize_t got = read(c->source.fd, c->in + c->received, IN_SIZE - c->received);
        if (is_over(got)) return drop(c);
        if (got > 0) c->received += (size_t)got;
        c->in[c->received] = 0;
    }
    proceed(c);
}

static void listener_ready(struct source *source, uint32_t events) {
    (void)events;
    int fd, on = 1;
    while ((fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct client *c = calloc(1, sizeof *c);
        if (!c) fail("calloc");
        c->source = (struct source){fd, client_ready};
        c->interest = EPOLLIN;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &c->source};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
    }
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) fail("accept4");
}

static char *read_file(const char *name) {
    struct bytes content = {0};
    FILE *file = fopen(name, "r");
    if (!file) fail(name);
    for (int c; (c = fgetc(file)) != EOF;) add(&content, &(char){(char)c}, 1);
    fclose(file);
    add(&content, "", 1);
    return content.at;
}

static int setting(const char *name) {
    const char *value = getenv(name);
    if (!value) {
        fprintf(stderr, "%s is not set\n", name);
        exit(2);
    }
    return atoi(value);
}

int main(int count_given, char **given) {
    if (count_given != 2) {
        fprintf(stderr, "usage: native SQL_FILE\n");
        return 2;
    }
    struct epoll_event events[EVENTS];
    struct source listener = {listening(setting("RECALLS_PORT")), listener_ready};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &listener};
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener.fd, &event)) fail("epoll");
    when_answered = send_page;
    open_sessions(epoll, setting("RECALLS_DATABASE_CONNECTIONS"), read_file(given[1]));
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            struct source *source = events[i].data.ptr;
            source->ready(source, events[i].events);
        }
        free_gone();
    }
}
