/* Fails the k-th write or fsync on the ledger's files: preloaded into the real program by the test that counts what it then
 * does. FAULT_AT is k from 1 (0: never), FAULT_ERRNO the number to fail with, FAULT_LAST the last call to fail (absent: k
 * alone), FAULT_MARK a file that is made when a call is failed. Only files that end in .db, .db-wal or .db-journal count. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static long number(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

static int ends_in(const char *path, const char *end)
{
    size_t all = strlen(path), last = strlen(end);
    return all >= last && strcmp(path + all - last, end) == 0;
}

static int is_ledger(int fd)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t octets = readlink(link, path, sizeof path - 1);
    if (octets <= 0)
        return 0;
    path[octets] = '\0';
    return ends_in(path, ".db") || ends_in(path, ".db-wal") || ends_in(path, ".db-journal");
}

/* Whether this call fails; errno is then set. */
static int fails(int fd)
{
    int saved = errno;
    long at = number("FAULT_AT", 0);
    if (at == 0 || !is_ledger(fd)) {
        errno = saved;
        return 0;
    }
    long call = atomic_fetch_add(&calls, 1) + 1;
    if (call < at || call > number("FAULT_LAST", at)) {
        errno = saved;
        return 0;
    }
    const char *mark = getenv("FAULT_MARK");
    int made = mark ? open(mark, O_CREAT | O_WRONLY, 0600) : -1;
    if (made >= 0)
        close(made);
    errno = (int)number("FAULT_ERRNO", EIO);
    return 1;
}

ssize_t write(int fd, const void *octets, size_t count)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "write");
    return fails(fd) ? -1 : real(fd, octets, count);
}

ssize_t pwrite(int fd, const void *octets, size_t count, off_t at)
{
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "pwrite");
    return fails(fd) ? -1 : real(fd, octets, count, at);
}

ssize_t pwrite64(int fd, const void *octets, size_t count, off64_t at)
{
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "pwrite64");
    return fails(fd) ? -1 : real(fd, octets, count, at);
}

int fsync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = dlsym(RTLD_NEXT, "fsync");
    return fails(fd) ? -1 : real(fd);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = dlsym(RTLD_NEXT, "fdatasync");
    return fails(fd) ? -1 : real(fd);
}
