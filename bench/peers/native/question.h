// Reads which page a request asks for: its variables, of a JSON body that the bench sends.
//
// What it doesn't know, it refuses: another member, a filter, a cursor of another kind.
#include <stdbool.h>
#include <stdint.h>

enum { MOST_ROWS = 1000, DATE_LENGTH = 10, KEY_LENGTH = 18 };

struct question {
    int practice, first;
    char due[DATE_LENGTH + 1], key[KEY_LENGTH + 1];  // of the row before the page
};
struct reader {
    const char *at, *end;
};
struct slice {
    const char *at;
    size_t length;
};

// Passes over white space and the token; returns false if something else is there.
static bool take(struct reader *r, const char *token) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
    size_t length = strlen(token);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, token, length)) return false;
    r->at += length;
    return true;
}

// Takes a string as it is written, with its escapes.
static bool take_string(struct reader *r, struct slice *found) {
    if (!take(r, "\"")) return false;
    for (found->at = r->at; r->at < r->end; r->at++) {
        if (*r->at == '"') {
            found->length = (size_t)(r->at++ - found->at);
            return true;
        }
        if (*r->at == '\\') r->at++;
    }
    return false;
}

static bool take_number(struct reader *r, int most, int *found) {
    if (!take(r, "") || r->at == r->end || *r->at < '1') return false;
    for (*found = 0; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        if (*found > most / 10) return false;
        *found = *found * 10 + (*r->at - '0');
    }
    return *found > 0 && *found <= most;
}

static int sextet(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

// Takes the due date and the id from a cursor, base64url of "recalls|2026-01-31|123".
static bool take_cursor(struct reader *r, struct question *q) {
    struct slice cursor;
    char place[64] = "";
    size_t length = 0;
    uint32_t bits = 0;
    if (!take_string(r, &cursor) || cursor.length * 3 / 4 >= sizeof place) return false;
    for (size_t i = 0; i < cursor.length; i++) {
        int value = sextet(cursor.at[i]);
        if (value < 0) return false;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4) place[length++] = (char)(bits >> (6 - i % 4 * 2));
    }
    int read = 0;
    return sscanf(place, "recalls|%10[0-9-]|%18[0-9]%n", q->due, q->key, &read) == 2 &&
           strlen(q->due) == DATE_LENGTH && (size_t)read == length;
}

typedef bool (*take_member)(struct reader *, struct slice name, struct question *);

static bool take_object(struct reader *r, take_member member, struct question *q) {
    struct slice name;
    if (!take(r, "{")) return false;
    do {
        if (!take_string(r, &name) || !take(r, ":") || !member(r, name, q)) return false;
    } while (take(r, ","));
    return take(r, "}");
}

static bool is(struct slice name, const char *word) {
    return name.length == strlen(word) && !memcmp(name.at, word, name.length);
}

static bool take_variable(struct reader *r, struct slice name, struct question *q) {
    if (is(name, "practice")) return take_number(r, INT32_MAX, &q->practice);
    if (is(name, "first")) return take_number(r, MOST_ROWS, &q->first);
    if (is(name, "after")) return take(r, "null") || take_cursor(r, q);
    return is(name, "filter") && take(r, "null");
}

static bool take_part(struct reader *r, struct slice name, struct question *q) {
    struct slice document;
    if (is(name, "query")) return take_string(r, &document);
    return is(name, "variables") && take_object(r, take_variable, q);
}

// Returns whether the body asks for a page; if so, which.
static bool read_question(const char *body, size_t length, struct question *q) {
    struct reader r = {body, body + length};
    *q = (struct question){.due = "0001-01-01", .key = "0"};
    return take_object(&r, take_part, q) && take(&r, "") && r.at == r.end && q->practice &&
           q->first;
}
