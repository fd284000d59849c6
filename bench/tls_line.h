// A connection with TLS, as ask.c needs it. Whose certificate it is isn't checked: it is the bench's.
#include "tls.h"

struct line {
    int fd;
    SSL *tls;
};

static struct line open_line(int port) {
    static SSL_CTX *context;
    if (!context) context = new_context(TLS_client_method());
    struct line line = {connected(port), SSL_new(context)};
    if (!line.tls || !SSL_set_fd(line.tls, line.fd)) fail("TLS");
    if (SSL_connect(line.tls) != 1) fail("TLS handshake");
    make_nonblocking(line.fd);
    return line;
}

static ssize_t say(struct line line, const void *text, size_t length) {
    ssize_t said = as_errno(line.tls, SSL_write(line.tls, text, (int)length));
    return said ? said : -1;
}

// Returns what `recv` would; it never waits. With room for a whole record (16 KB) libssl keeps
// nothing back, so that epoll tells of all there is.
static ssize_t hear_some(struct line line, void *piece, size_t size) {
    return as_errno(line.tls, SSL_read(line.tls, piece, (int)size));
}

static void close_line(struct line line) {
    SSL_free(line.tls);
    close(line.fd);
}
