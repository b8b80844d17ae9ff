/* A task that says when it began and when it ended, so that a run is judged by what its processes saw and not by what an
 * engine says of itself.
 *
 *   task NAME MS              sleeps MS milliseconds between a line "S NAME NS" and a line "E NAME NS" in $BENCH_LOG
 *   task flood BYTES SECONDS  prints BYTES bytes of lines over SECONDS seconds, a secret among them
 *
 * NS is the monotonic clock in nanoseconds. Each line is one append, so lines of many tasks do not mix. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void wait_until(long long when) {
    struct timespec at = {when / 1000000000LL, when % 1000000000LL};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0) {
    }
}

static int note(char what, const char *name, long long when) {
    const char *path = getenv("BENCH_LOG");
    if (path == NULL) return 0;
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    char line[256];
    int length = snprintf(line, sizeof line, "%c %.200s %lld\n", what, name, when);
    return file < 0 || write(file, line, (size_t)length) != length || close(file) != 0;
}

/* Twenty portions a second, each of whole lines. */
static int flood(long long bytes, long long seconds) {
    static char portion[1 << 20];
    const char *secret = getenv("BENCH_SECRET");
    long long begun = nanoseconds(), portions = seconds * 20, sent = 0;
    for (long long number = 1; number <= portions; number++) {
        long long size = bytes * number / portions - sent;
        if (size > (long long)sizeof portion) size = sizeof portion;
        for (long long at = 0; at < size; at++) portion[at] = at % 100 == 99 ? '\n' : (char)('a' + at % 26);
        if (secret != NULL && (long long)strlen(secret) < size) memcpy(portion, secret, strlen(secret));
        for (long long at = 0; at < size;) {
            ssize_t wrote = write(STDOUT_FILENO, portion + at, (size_t)(size - at));
            if (wrote < 0) return 1;
            at += wrote;
        }
        sent += size;
        wait_until(begun + number * 50000000LL);
    }
    return 0;
}

int main(int count, char **words) {
    long long begun = nanoseconds();
    if (count == 4 && strcmp(words[1], "flood") == 0) return flood(atoll(words[2]), atoll(words[3]));
    if (count != 3) return 2;
    if (note('S', words[1], begun) != 0) return 1;
    if (atoll(words[2]) > 0) wait_until(begun + atoll(words[2]) * 1000000LL);
    return note('E', words[1], nanoseconds());
}
