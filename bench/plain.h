// A connection without TLS, as ask.c needs it.
struct line {
    int fd;
};

static struct line open_line(int port) { return (struct line){connected(port)}; }

static ssize_t say(struct line line, const void *text, size_t length) {
    return send(line.fd, text, length, MSG_NOSIGNAL);
}

// Returns what `recv` would; it never waits.
static ssize_t hear_some(struct line line, void *piece, size_t size) {
    return recv(line.fd, piece, size, MSG_DONTWAIT);
}

static void close_line(struct line line) { close(line.fd); }
