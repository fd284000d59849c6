// The connections to PostgreSQL: each has the statement prepared and runs one at a time.
//
// The other questions wait in order of arrival.

// What epoll watches; its event's data points here.
struct source {
    int fd;
    void (*ready)(struct source *, uint32_t events);
};
struct asked {
    struct question question;
    struct asked *next;
};
struct session {
    struct source source;
    PGconn *connection;
    struct asked *asked;  // NULL if idle
    struct session *next_idle;
};

static struct session *idle;
static struct asked *waiting, **last_waiting = &waiting;
static void (*when_answered)(struct asked *, const PGresult *);

static void fail_session(const struct session *s) {
    fprintf(stderr, "%s", PQerrorMessage(s->connection));
    exit(1);
}

static void send_question(struct session *s, struct asked *asked) {
    char practice[12], limit[12];
    snprintf(practice, sizeof practice, "%d", asked->question.practice);
    snprintf(limit, sizeof limit, "%d", asked->question.first + 1);
    const char *values[] = {practice, asked->question.due, asked->question.key, limit};
    s->asked = asked;
    // So little that it always fits into an idle connection's buffer.
    if (!PQsendQueryPrepared(s->connection, "page", 4, values, NULL, NULL, 0) ||
        PQflush(s->connection))
        fail_session(s);
}

// Runs the statement for the question, at once or when its turn comes.
static void ask_database(struct asked *asked) {
    if (idle) {
        struct session *s = idle;
        idle = s->next_idle;
        send_question(s, asked);
    } else {
        asked->next = NULL;
        *last_waiting = asked;
        last_waiting = &asked->next;
    }
}

static void next_question(struct session *s) {
    s->asked = NULL;
    if (waiting) {
        struct asked *asked = waiting;
        waiting = asked->next;
        if (!waiting) last_waiting = &waiting;
        send_question(s, asked);
    } else {
        s->next_idle = idle;
        idle = s;
    }
}

static void session_ready(struct source *source, uint32_t events) {
    (void)events;
    struct session *s = (struct session *)source;
    if (!PQconsumeInput(s->connection)) fail_session(s);
    while (s->asked && !PQisBusy(s->connection)) {
        PGresult *result = PQgetResult(s->connection);
        if (!result) {
            next_question(s);
            return;
        }
        when_answered(s->asked, result);
        PQclear(result);
    }
}

static void open_sessions(int epoll, int count, const char *sql) {
    for (; count; count--) {
        struct session *s = calloc(1, sizeof *s);
        if (!s) fail("calloc");
        s->connection = PQconnectdb(getenv("RECALLS_DATABASE_OWNER_URL"));
        if (PQstatus(s->connection) != CONNECTION_OK) fail_session(s);
        PGresult *prepared = PQprepare(s->connection, "page", sql, 0, NULL);
        if (PQresultStatus(prepared) != PGRES_COMMAND_OK) fail_session(s);
        PQclear(prepared);
        if (PQsetnonblocking(s->connection, 1)) fail_session(s);
        s->source = (struct source){PQsocket(s->connection), session_ready};
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &s->source};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, s->source.fd, &event)) fail("epoll_ctl");
        next_question(s);
    }
}
