// Writes a page as JSON, from the rows that page.sql reads: the same bytes as ours.
#include <libpq-fe.h>

enum column {
    ID, REASON, URGENCY, DUE_DATE, CATEGORY_ID, CATEGORY_NAME, PATIENT_ID, FIRST_NAME, LAST_NAME,
    MOBILE, SMS_REASON, OVERRIDABLE, MESSAGE
};
struct row {
    const PGresult *of;
    int number;
};

static bool is_null(struct row row, enum column column) {
    return PQgetisnull(row.of, row.number, column);
}

static void add_value(struct bytes *out, struct row row, enum column column) {
    add(out, PQgetvalue(row.of, row.number, column),
        (size_t)PQgetlength(row.of, row.number, column));
}

static void add_escaped(struct bytes *out, unsigned char c) {
    static const char letters[' '] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    char code[8] = {'\\', (char)c};
    if (c < ' ' && letters[c])
        code[1] = letters[c];
    else if (c < ' ')
        snprintf(code, sizeof code, "\\u%04x", c);
    add_text(out, code);
}

// Writes a text as JSON, or null.
static void add_json(struct bytes *out, struct row row, enum column column) {
    if (is_null(row, column)) return add_text(out, "null");
    const unsigned char *at = (unsigned char *)PQgetvalue(row.of, row.number, column);
    const unsigned char *end = at + PQgetlength(row.of, row.number, column), *plain = at;
    add(out, "\"", 1);
    for (; at < end; at++) {
        if (*at >= ' ' && *at != '"' && *at != '\\') continue;
        add(out, (const char *)plain, (size_t)(at - plain));
        add_escaped(out, *at);
        plain = at + 1;
    }
    add(out, (const char *)plain, (size_t)(at - plain));
    add(out, "\"", 1);
}

static void add_bool(struct bytes *out, bool value) { add_text(out, value ? "true" : "false"); }

// Writes the row's cursor: base64url of "recalls|2026-01-31|123".
static void add_cursor(struct bytes *out, struct row row) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static struct bytes place;
    place.length = 0;
    add_text(&place, "recalls|");
    add_value(&place, row, DUE_DATE);
    add(&place, "|", 1);
    add_value(&place, row, ID);
    char *to = room(out, place.length * 2);
    uint32_t bits = 0;
    int left = 0;  // bits that aren't written yet
    for (size_t i = 0; i < place.length; i++) {
        bits = bits << 8 | (unsigned char)place.at[i];
        for (left += 8; left >= 6; left -= 6) *to++ = digits[bits >> (left - 6) & 63];
    }
    if (left) *to++ = digits[bits << (6 - left) & 63];
    out->length = (size_t)(to - out->at);
}

static void add_edge(struct bytes *out, struct row row) {
    add_text(out, "{\"cursor\":\"");
    add_cursor(out, row);
    add_text(out, "\",\"node\":{\"id\":\"Recall:");
    add_value(out, row, ID);
    add_text(out, "\",\"reason\":");
    add_json(out, row, REASON);
    add_text(out, ",\"urgency\":");
    add_json(out, row, URGENCY);
    add_text(out, ",\"dueDate\":");
    add_json(out, row, DUE_DATE);
    if (is_null(row, CATEGORY_ID)) {
        add_text(out, ",\"category\":null");
    } else {
        add_text(out, ",\"category\":{\"id\":\"Category:");
        add_value(out, row, CATEGORY_ID);
        add_text(out, "\",\"name\":");
        add_json(out, row, CATEGORY_NAME);
        add_text(out, "}");
    }
    add_text(out, ",\"patient\":{\"id\":\"Patient:");
    add_value(out, row, PATIENT_ID);
    add_text(out, "\",\"firstName\":");
    add_json(out, row, FIRST_NAME);
    add_text(out, ",\"lastName\":");
    add_json(out, row, LAST_NAME);
    add_text(out, ",\"mobile\":");
    add_json(out, row, MOBILE);
    add_text(out, "},\"smsStatus\":{\"blocked\":");
    add_bool(out, !is_null(row, SMS_REASON));
    add_text(out, ",\"reason\":");
    add_json(out, row, SMS_REASON);
    add_text(out, ",\"overridable\":");
    add_bool(out, *PQgetvalue(row.of, row.number, OVERRIDABLE) == 't');
    add_text(out, ",\"message\":");
    add_json(out, row, MESSAGE);
    add_text(out, "}}}");
}

// Writes the page; `rows` may have one more than the `first` that it shows.
static void add_page(struct bytes *out, const PGresult *rows, int first) {
    int found = PQntuples(rows), shown = found < first ? found : first;
    add_text(out, "{\"data\":{\"recalls\":{\"edges\":[");
    for (int number = 0; number < shown; number++) {
        if (number) add(out, ",", 1);
        add_edge(out, (struct row){rows, number});
    }
    add_text(out, "],\"pageInfo\":{\"hasNextPage\":");
    add_bool(out, found > first);
    add_text(out, ",\"endCursor\":");
    if (shown) {
        add(out, "\"", 1);
        add_cursor(out, (struct row){rows, shown - 1});
        add(out, "\"", 1);
    } else {
        add_text(out, "null");
    }
    add_text(out, "}}}}");
}
