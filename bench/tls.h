// TLS by the libssl 3 that Python's and git's downloads use as well, called without its headers:
// few machines have those. Declared here is what the bench calls, as OpenSSL's manual has it.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_method_st SSL_METHOD;
enum {
    SSL_FILETYPE_PEM = 1,
    SSL_ERROR_WANT_READ = 2,
    SSL_ERROR_WANT_WRITE = 3,
    SSL_CTRL_MODE = 33,
    SSL_MODE_ENABLE_PARTIAL_WRITE = 1,
    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 2,
};

const SSL_METHOD *TLS_client_method(void);
const SSL_METHOD *TLS_server_method(void);
SSL_CTX *SSL_CTX_new(const SSL_METHOD *);
long SSL_CTX_ctrl(SSL_CTX *, int what, long number, void *pointer);
int SSL_CTX_use_certificate_chain_file(SSL_CTX *, const char *name);
int SSL_CTX_use_PrivateKey_file(SSL_CTX *, const char *name, int type);
SSL *SSL_new(SSL_CTX *);
void SSL_free(SSL *);
int SSL_set_fd(SSL *, int fd);
void SSL_set_accept_state(SSL *);
int SSL_connect(SSL *);
int SSL_read(SSL *, void *, int size);
int SSL_write(SSL *, const void *, int length);
int SSL_get_error(const SSL *, int result);
void ERR_clear_error(void);

static SSL_CTX *new_context(const SSL_METHOD *method) {
    signal(SIGPIPE, SIG_IGN);  // libssl writes to connections that may have ended
    SSL_CTX *context = SSL_CTX_new(method);
    if (!context) fail("TLS");
    return context;
}

static void make_nonblocking(int fd) {
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK)) fail("fcntl");
}

// Returns a result of SSL_read or SSL_write as `recv` and `send` would have it.
static ssize_t as_errno(const SSL *tls, int result) {
    if (result > 0) return result;
    int error = SSL_get_error(tls, result);
    // What went wrong here would be taken for the next connection's error.
    ERR_clear_error();
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return 0;
    errno = EAGAIN;
    return -1;
}
