// Bytes that grow as they are written to.
#include <stddef.h>
#include <string.h>

struct bytes {
    char *at;
    size_t length, size;
};

// Returns where `more` bytes can be written; they count once `length` says so.
static char *room(struct bytes *b, size_t more) {
    if (b->length + more > b->size) {
        b->size = (b->length + more) * 2;
        b->at = realloc(b->at, b->size);
        if (!b->at) fail("realloc");
    }
    return b->at + b->length;
}

static void add(struct bytes *b, const char *text, size_t length) {
    memcpy(room(b, length), text, length);
    b->length += length;
}

static void add_text(struct bytes *b, const char *text) { add(b, text, strlen(text)); }
