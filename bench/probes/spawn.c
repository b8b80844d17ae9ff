/* What the machine allows: N processes that do nothing, started and reaped by two threads with four under way each.
 *
 *   spawn N PROGRAM
 *
 * No graph, no log, no captured output: the rate of an orchestrator is shown as a share of this one. */
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { UNDER_WAY = 4 };

struct share {
    int count;
    char *program;
    int failed;
};

extern char **environ;

static void *work(void *given) {
    struct share *share = given;
    char *words[] = {share->program, NULL};
    pid_t window[UNDER_WAY];
    for (int number = 0; number < share->count + UNDER_WAY; number++) {
        int place = number % UNDER_WAY, status;
        if (number >= UNDER_WAY && number - UNDER_WAY < share->count) {
            if (waitpid(window[place], &status, 0) < 0 || status != 0) share->failed = 1;
        }
        if (number < share->count && posix_spawn(&window[place], share->program, NULL, NULL, words, environ) != 0) {
            share->failed = 1;
            return NULL;
        }
    }
    return NULL;
}

int main(int count, char **words) {
    if (count != 3) return 2;
    int all = atoi(words[1]);
    struct share halves[2] = {{all / 2, words[2], 0}, {all - all / 2, words[2], 0}};
    pthread_t other;
    if (pthread_create(&other, NULL, work, &halves[1]) != 0) return 1;
    work(&halves[0]);
    pthread_join(other, NULL);
    return halves[0].failed || halves[1].failed;
}
