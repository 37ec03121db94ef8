/* Fails the k-th write or fsync on the ledger's files and its send journal: preloaded into the real program by the test that
 * counts what it then does. FAULT_AT is k from 1 (0: never), FAULT_ERRNO the number to fail with, FAULT_LAST the last call to
 * fail (absent: k alone), FAULT_MARK a file that is made when a call is failed. Only files that end in .db, .db-wal,
 * .db-journal or .journal count.
 *
 * POWER_KEPT names a file that always holds what a power cut would leave of the send journal: its octets when the last sync
 * that succeeded was begun, and a sync takes POWER_SLOW microseconds more. POWER_BOOT is read where the program asks in
 * which run the machine is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
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
    return ends_in(path, ".db") || ends_in(path, ".db-wal") || ends_in(path, ".journal") || ends_in(path, ".db-journal");
}

/* Where the file is the send journal: copies it, under a name that is not yet the kept one's. */
static int is_copied(int fd, char *name, size_t room)
{
    const char *kept = getenv("POWER_KEPT");
    char link[64], path[4096], octets[1 << 16];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = kept ? readlink(link, path, sizeof path - 1) : -1;
    if (length <= 0)
        return 0;
    path[length] = '\0';
    if (!ends_in(path, "/ledger.journal") && !ends_in(path, "/ledger.journal.new"))
        return 0;
    snprintf(name, room, "%s.%d", kept, (int)gettid());
    int from = open(path, O_RDONLY), to = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    while ((length = read(from, octets, sizeof octets)) > 0)
        if (write(to, octets, (size_t)length) != length)
            break;
    close(from);
    close(to);
    return 1;
}

/* A sync of the send journal that has succeeded keeps what was there when it was begun. */
static int synced(int fd, int (*real)(int))
{
    char name[4096];
    int copied = is_copied(fd, name, sizeof name);
    if (copied)
        usleep((useconds_t)number("POWER_SLOW", 0));
    int result = real(fd);
    if (copied && result == 0)
        rename(name, getenv("POWER_KEPT"));
    return result;
}

int open64(const char *path, int flags, ...)
{
    static int (*real)(const char *, int, ...);
    if (!real)
        real = dlsym(RTLD_NEXT, "open64");
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    const char *boot = getenv("POWER_BOOT");
    return real(boot && ends_in(path, "/random/boot_id") ? boot : path, flags, mode);
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
    return fails(fd) ? -1 : synced(fd, real);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = dlsym(RTLD_NEXT, "fdatasync");
    return fails(fd) ? -1 : synced(fd, real);
}
