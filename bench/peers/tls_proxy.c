// A TLS proxy: takes TLS connections and passes their bytes on to a server that has no TLS.
//
// usage: tls_proxy PORT SERVER_PORT CERTIFICATE KEY
//
// A connection to the server for each of its clients', as stunnel and nginx's stream module do it;
// it reads no HTTP. So it is the least that TLS in front of a server can cost.
#include "../loopback.h"

#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../tls.h"

enum { EVENTS = 64, PIECE_SIZE = 64 * 1024 };

struct pair;
// One of a pair's two ends; epoll's data points here.
struct end {
    struct pair *pair;
    int fd;
    SSL *tls;  // NULL towards the server
    uint32_t interest;
    size_t from, to;  // what of `piece`, which came from the other end, isn't passed on yet
    char piece[PIECE_SIZE];
};
struct pair {
    struct end client, server;
    bool over;
    struct pair *next_over;
};

static int epoll, server_port;
static SSL_CTX *context;
// Freed after all events of a round, one of which may still be theirs.
static struct pair *over;

static ssize_t read_some(struct end *end, char *piece) {
    return end->tls ? as_errno(end->tls, SSL_read(end->tls, piece, PIECE_SIZE))
                    : recv(end->fd, piece, PIECE_SIZE, 0);
}

static ssize_t write_some(struct end *end) {
    const char *rest = end->piece + end->from;
    size_t length = end->to - end->from;
    return end->tls ? as_errno(end->tls, SSL_write(end->tls, rest, (int)length))
                    : send(end->fd, rest, length, MSG_NOSIGNAL);
}

static bool is_over(ssize_t result) {
    return result == 0 || (result < 0 && errno != EAGAIN && errno != EINTR);
}

static bool is_empty(const struct end *end) { return end->from == end->to; }

// Passes on what came from one end to the other; returns false if either has gone.
static bool pass(struct end *from, struct end *to) {
    if (is_empty(to)) {
        ssize_t got = read_some(from, to->piece);
        if (is_over(got)) return false;
        to->from = 0;
        to->to = got > 0 ? (size_t)got : 0;
    }
    while (!is_empty(to)) {
        ssize_t sent = write_some(to);  // over TLS at most a record, 16 KB
        if (sent <= 0) return !is_over(sent);
        to->from += (size_t)sent;
    }
    return true;
}

static void watch(struct end *end, const struct end *other) {
    // What can't be passed on yet stays where it is.
    uint32_t interest = (is_empty(other) ? EPOLLIN : 0) | (is_empty(end) ? 0 : EPOLLOUT);
    if (interest == end->interest) return;
    end->interest = interest;
    struct epoll_event event = {.events = interest, .data.ptr = end};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, end->fd, &event)) fail("epoll_ctl");
}

static void serve(struct end *end) {
    struct pair *pair = end->pair;
    if (pair->over) return;
    struct end *other = end == &pair->client ? &pair->server : &pair->client;
    if (!pass(end, other) || (!is_empty(end) && !pass(other, end))) {
        SSL_free(pair->client.tls);
        close(pair->client.fd);
        close(pair->server.fd);
        pair->over = true;
        pair->next_over = over;
        over = pair;
        return;
    }
    watch(&pair->client, &pair->server);
    watch(&pair->server, &pair->client);
}

static void free_over(void) {
    while (over) {
        struct pair *pair = over;
        over = pair->next_over;
        free(pair);
    }
}

static void set_up(struct end *end, struct pair *pair, int fd) {
    int on = 1;
    end->pair = pair;
    end->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    make_nonblocking(fd);
    end->interest = EPOLLIN;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static void welcome(int listener) {
    int fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        struct pair *pair = calloc(1, sizeof *pair);
        if (!pair) fail("calloc");
        set_up(&pair->client, pair, fd);
        set_up(&pair->server, pair, connected(server_port));
        pair->client.tls = SSL_new(context);
        if (!pair->client.tls || !SSL_set_fd(pair->client.tls, fd)) fail("TLS");
        SSL_set_accept_state(pair->client.tls);
    }
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) fail("accept");
}

int main(int count_given, char **given) {
    if (count_given != 5) {
        fprintf(stderr, "usage: tls_proxy PORT SERVER_PORT CERTIFICATE KEY\n");
        return 2;
    }
    server_port = atoi(given[2]);
    context = new_context(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, given[3]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, given[4], SSL_FILETYPE_PEM) != 1)
        fail("TLS");
    SSL_CTX_ctrl(context, SSL_CTRL_MODE,
                 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, NULL);
    int listener = listening(atoi(given[1]));
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event)) fail("epoll");
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) serve(events[i].data.ptr);
            else welcome(listener);
        }
        free_over();
    }
}
