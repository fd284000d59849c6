// Asks the gateway as fast as it can answer, to find out how fast that is.
//
// usage: flood PORT CONNECTIONS MESSAGES
//
// Sends the same message over and over, one at a time on each connection; reads no more of an
// answer than its length, so that it costs less than the gateway does. Prints messages a second.
#include "loopback.h"

#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 256, ANSWER_SIZE = 4096 };

struct connection {
    int fd;
    size_t heard;  // bytes of the answer
};

static const char form[] =
    "To=%2B61400000001&Body=Hi+Ann%2C+your+skin+check+is+due.+Harbour+Medical+02+5550+1234"
    "&From=%2B61400000000&StatusCallback=http%3A%2F%2F127.0.0.1%3A9%2Freceipts%2Ftwilio"
    "%3Freference%3D1.00000000-0000-0000-0000-000000000000";
static char request[1024];
static size_t request_length;

static void ask(int fd) {
    // So little that it always fits into an idle connection's buffer.
    if (send(fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) fail("send");
}

static size_t hear(int fd) {
    char answer[ANSWER_SIZE];
    ssize_t got = read(fd, answer, sizeof answer);
    if (got <= 0) fail("read");
    return (size_t)got;
}

int main(int count_given, char **given) {
    if (count_given != 4) {
        fprintf(stderr, "usage: flood PORT CONNECTIONS MESSAGES\n");
        return 2;
    }
    int port = atoi(given[1]), connections = atoi(given[2]);
    long left = atol(given[3]), messages = left;
    request_length = (size_t)snprintf(
        request, sizeof request,
        "POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
        "Authorization: Basic QUMxOnRva2Vu\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n"
        "Content-Length: %zu\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n%s",
        port, sizeof form - 1, form);

    struct connection *all = calloc((size_t)connections, sizeof *all);
    int epoll = epoll_create1(0), probe = connected(port);
    if (!all || epoll < 0) fail("start");
    ask(probe);
    const size_t answer_length = hear(probe);  // every answer is as long as this one
    double start = seconds();
    for (struct connection *c = all; c < all + connections; c++) {
        c->fd = connected(port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event)) fail("epoll_ctl");
        ask(c->fd);
    }
    while (left > 0) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        if (ready < 0) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            c->heard += hear(c->fd);
            if (c->heard < answer_length) continue;
            c->heard = 0;
            left--;
            ask(c->fd);
        }
    }
    printf("%.0f\n", (double)messages / (seconds() - start));
    return 0;
}
