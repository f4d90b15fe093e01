/* A load client for event streams and POST requests: one thread, one epoll, no library.
 *
 *   load HOST PORT STAMPED MARKER GREETING     then commands, one a line, on standard input; each is answered by a line of JSON
 *
 * STAMPED   1: MARKER is followed by 19 digits, the CLOCK_MONOTONIC nanoseconds at which the event was caused
 * MARKER    text that stands in each event once
 * GREETING  text that ends the opening of a stream
 *
 *   streams FILE AT_ONCE [ws]        open a stream for each request in FILE, so many waiting to be greeted at a time; `ws`
 *                                    does the Socket.IO handshake over a WebSocket; says how far the first that was
 *                                    lost had come, why, and what it had been told last
 *   reset                            forget what was counted
 *   await EACH MS                    wait until every stream has EACH events, or so many ms have gone
 *   post FILE CLIENTS TOTAL RATE     send TOTAL requests over CLIENTS keep-alive connections, each as soon as its last is
 *                                    answered (RATE 0), or RATE a second, timed from the moment that they were due
 *
 * FILE holds requests, each after a line with its length. In them KEYKEYKEYKEYKEYK becomes a number that is never used
 * again, and sent:0000000000000000000; the moment at which the request was due.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CARRY = 64, READ_BYTES = 1 << 18, EVENTS = 512, STAMP = 19, SAMPLES_MAX = 1 << 23 };
#define MS 1000000ull
static const char KEY[] = "KEYKEYKEYKEYKEYK", SENT[] = "sent:0000000000000000000;";

enum kind { STREAM, POSTER };
struct conn {
    enum kind kind;
    int fd;
    bool asked, greeted, upgraded, busy;
    uint8_t carried;
    char carry[CARRY];
    uint32_t events;
    uint64_t due_ns;        /* of the request under way */
    uint64_t opened_ns;
    size_t expect, got;     /* bytes of the answer; 0 until its head is whole */
    char *answer;
};
struct request { char *bytes; size_t length; char *key, *sent; };

static struct sockaddr_in server;
static const char *marker, *greeting;
static size_t marker_length, greeting_length;
static bool stamped, websocket;
static int loop_fd;
static struct conn *streams;
static size_t stream_count, greeted_count, closed_count;
static struct request *openings;
static char first_lost[256];
static uint64_t event_count, byte_count, key_count;
static uint32_t *samples, awaited;      /* microseconds each */
static size_t sample_count, satisfied;
static char buffer[CARRY + READ_BYTES];

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void sample(uint64_t from_ns, uint64_t to_ns) {
    if (sample_count < SAMPLES_MAX) samples[sample_count++] = to_ns > from_ns ? (uint32_t)((to_ns - from_ns) / 1000) : 0;
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_samples(const char *name) {
    static const struct { const char *name; double share; } wanted[] = {{"p50", .5}, {"p95", .95}, {"p99", .99}, {"max", 1}};
    qsort(samples, sample_count, sizeof *samples, by_size);
    printf("\"%s\":{\"count\":%zu", name, sample_count);
    for (size_t i = 0; sample_count && i < sizeof wanted / sizeof *wanted; i++) {
        size_t at = (size_t)(wanted[i].share * (double)sample_count);
        printf(",\"%s\":%.3f", wanted[i].name, samples[at < sample_count ? at : sample_count - 1] / 1000.0);
    }
    printf("}");
}

static struct request *read_requests(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    struct request *requests = NULL;
    size_t length, capacity = 0;
    for (*count = 0; fscanf(file, "%zu", &length) == 1; ++*count) {
        if (*count == capacity) {
            capacity = capacity ? capacity * 2 : 1024;
            requests = realloc(requests, capacity * sizeof *requests);
        }
        struct request *request = &requests[*count];
        request->length = length;
        request->bytes = malloc(length + 1);
        if (fgetc(file) != '\n' || fread(request->bytes, 1, length, file) != length) die("a request is cut off");
        request->bytes[length] = 0;
        request->key = memmem(request->bytes, length, KEY, sizeof KEY - 1);
        request->sent = memmem(request->bytes, length, SENT, sizeof SENT - 1);
    }
    fclose(file);
    return requests;
}

static int dial(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0) die("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) die("connect");
    return fd;
}

static void watch(struct conn *conn, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.ptr = conn};
    if (epoll_ctl(loop_fd, how, conn->fd, &event)) die("epoll_ctl");
}

static void send_all(int fd, const char *bytes, size_t length) {
    while (length) {     /* requests are small: a full socket means that the server reads nothing */
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) continue;
        if (sent < 0) return;
        bytes += sent, length -= (size_t)sent;
    }
}

static void send_frame(int fd, const char *text, size_t length) {
    char frame[32] = {(char)0x81, (char)(0x80 | length)};     /* text, masked with zeros */
    memcpy(frame + 6, text, length);
    send_all(fd, frame, length + 6);
}

/* Count the markers in `data`; returns where the part begins that must be looked at again with the next bytes. */
static char *count_events(struct conn *conn, char *data, char *end, uint64_t at_ns) {
    size_t whole = marker_length + (stamped ? STAMP : 0);
    char *from = data, *found;
    while ((found = memmem(from, (size_t)(end - from), marker, marker_length)) && (size_t)(end - found) >= whole) {
        if (stamped) {
            uint64_t sent_ns = 0;
            for (int i = 0; i < STAMP; i++) sent_ns = sent_ns * 10 + (uint64_t)(found[marker_length + (size_t)i] - '0');
            sample(sent_ns, at_ns);
        }
        event_count++;
        if (++conn->events == awaited) satisfied++;
        from = found + whole;
    }
    if (found) return found;
    size_t rest = (size_t)(end - from), keep = marker_length - 1;
    return rest > keep ? end - keep : from;
}

static void on_bytes(struct conn *conn, char *data, char *end) {
    uint64_t at_ns = now_ns();
    byte_count += (size_t)(end - data);
    if (websocket) {
        if (!conn->upgraded && memmem(data, (size_t)(end - data), "0{\"sid", 6)) {
            conn->upgraded = true;
            send_frame(conn->fd, "40", 2);
        }
        if (memmem(data, (size_t)(end - data), "\x81\x01" "2", 3)) send_frame(conn->fd, "3", 1);
    }
    if (!conn->greeted && memmem(data, (size_t)(end - data), greeting, greeting_length)) {
        conn->greeted = true;
        greeted_count++;
        if (!stamped) sample(conn->opened_ns, at_ns);
    }
    char *rest = count_events(conn, data, end, at_ns);
    if (!conn->greeted && end - rest < CARRY - 1) rest = end - data < CARRY - 1 ? data : end - (CARRY - 1);
    conn->carried = (uint8_t)(end - rest);
    memcpy(conn->carry, rest, conn->carried);
}

static void ask(struct conn *conn);

static void lose(struct conn *conn, int error) {
    const char *phase = !conn->asked ? "connecting" : !conn->greeted ? "waiting to be greeted" : "open";
    if (!closed_count++) {
        int length = snprintf(first_lost, sizeof first_lost, "%s: %s: %.*s", phase, error ? strerror(error) : "closed",
                              (int)conn->carried, conn->carry);
        for (int i = 0; i < length && first_lost[i]; i++)
            if (first_lost[i] < ' ' || first_lost[i] > '~' || strchr("\"\\", first_lost[i])) first_lost[i] = ' ';
    }
    close(conn->fd);
    conn->fd = -1;
}

static void read_stream(struct conn *conn) {
    if (!conn->asked) {
        ask(conn);
        return;
    }
    memcpy(buffer, conn->carry, conn->carried);
    ssize_t got = recv(conn->fd, buffer + conn->carried, READ_BYTES, 0);
    if (got > 0) on_bytes(conn, buffer, buffer + conn->carried + got);
    else if (got == 0 || errno != EAGAIN) lose(conn, got ? errno : 0);
}

/* Send a stream's request, or wait for the connection: a SYN that was dropped is sent again after a second, and must
 * hold up nobody else. */
static void ask(struct conn *conn) {
    struct request *request = &openings[conn - streams];
    ssize_t sent = send(conn->fd, request->bytes, request->length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < (ssize_t)request->length) {     /* small as it is, an empty socket takes it whole */
        lose(conn, errno);
        return;
    }
    conn->asked = true;
    watch(conn, EPOLLIN, EPOLL_CTL_MOD);
}

static void turn(uint64_t wait_ns, void (*answered)(struct conn *)) {
    struct epoll_event events[EVENTS];
    struct timespec wait = {.tv_sec = (time_t)(wait_ns / 1000000000u), .tv_nsec = (long)(wait_ns % 1000000000u)};
    int ready = epoll_pwait2(loop_fd, events, EVENTS, &wait, NULL);
    for (int i = 0; i < ready; i++) {
        struct conn *conn = events[i].data.ptr;
        if (!conn) exit(2);     /* a command before the last was answered, or nobody who could read the answer */
        if (conn->fd < 0) continue;
        if (conn->kind == STREAM) read_stream(conn);
        else answered(conn);
    }
}

static void open_streams(const char *path, size_t at_once, bool ws) {
    size_t count;
    openings = read_requests(path, &count);
    websocket = ws;
    streams = calloc(count, sizeof *streams);
    stream_count = count, greeted_count = closed_count = 0, *first_lost = 0;
    uint64_t begun = now_ns();
    for (size_t opened = 0; greeted_count + closed_count < count;) {
        for (; opened < count && opened - greeted_count - closed_count < at_once; opened++) {
            struct conn *conn = &streams[opened];
            *conn = (struct conn){.kind = STREAM, .fd = dial(), .opened_ns = now_ns()};
            watch(conn, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
            ask(conn);
        }
        turn(MS * 1000, NULL);
        if (now_ns() - begun > 120 * 1000000000ull) break;
    }
    for (size_t i = 0; i < count; i++) {
        if (streams[i].fd > 0 && !streams[i].greeted) lose(&streams[i], ETIMEDOUT);
        free(openings[i].bytes);
    }
    free(openings);
    printf("{\"opened\":%zu,\"closed\":%zu,\"lost\":\"%s\",\"seconds\":%.4f}\n", greeted_count, closed_count, first_lost,
           (double)(now_ns() - begun) / 1e9);
}

static void reset(void) {
    event_count = byte_count = sample_count = 0;
    for (size_t i = 0; i < stream_count; i++) streams[i].events = 0;
    printf("{}\n");
}

static void await_events(uint32_t each, uint64_t wait_ms) {
    uint64_t begun = now_ns();
    awaited = each, satisfied = 0;
    for (size_t i = 0; i < stream_count; i++) satisfied += streams[i].events >= each;
    while (satisfied < stream_count - closed_count && now_ns() - begun < wait_ms * MS) turn(MS * 10, NULL);
    uint32_t least = UINT32_MAX, most = 0;
    for (size_t i = 0; i < stream_count; i++) {
        least = streams[i].events < least ? streams[i].events : least;
        most = streams[i].events > most ? streams[i].events : most;
    }
    printf("{\"events\":%lu,\"bytes\":%lu,\"least\":%u,\"most\":%u,\"closed\":%zu,\"seconds\":%.4f,", event_count, byte_count,
           stream_count ? least : 0, most, closed_count, (double)(now_ns() - begun) / 1e9);
    print_samples("latency_ms");
    printf("}\n");
    awaited = 0;
}

static struct request *post_requests;
static struct conn *posters;
static size_t post_count, posted, answered_count, post_total, status_count[6];

static void post(struct conn *conn, uint64_t due_ns) {
    struct request *request = &post_requests[posted++ % post_count];
    char number[32];
    if (request->key) {
        snprintf(number, sizeof number, "%016lu", ++key_count);
        memcpy(request->key, number, 16);
    }
    if (request->sent) {
        snprintf(number, sizeof number, "%019lu", due_ns);
        memcpy(request->sent + 5, number, STAMP);
    }
    conn->busy = true, conn->due_ns = due_ns, conn->got = conn->expect = 0;
    send_all(conn->fd, request->bytes, request->length);
}

static uint64_t post_gap_ns, post_next_ns;
static struct conn **idle;
static size_t idle_count;

static void post_next(struct conn *conn) {
    if (posted >= post_total) return;
    if (!post_gap_ns) {
        post(conn, now_ns());
    } else if (post_next_ns <= now_ns()) {
        post(conn, post_next_ns);
        post_next_ns += post_gap_ns;
    } else {
        idle[idle_count++] = conn;
    }
}

static void read_answer(struct conn *conn) {
    if (!conn->busy) errno = EPROTO, die("an answer to nothing; was the last one without a length?");
    ssize_t got = recv(conn->fd, conn->answer + conn->got, READ_BYTES - conn->got - 1, 0);
    if (got <= 0) die("an answer");
    conn->got += (size_t)got;
    conn->answer[conn->got] = 0;
    if (!conn->expect) {
        char *end = strstr(conn->answer, "\r\n\r\n");
        if (!end) return;
        char *length = strcasestr(conn->answer, "content-length:");
        conn->expect = (size_t)(end + 4 - conn->answer) + (length && length < end ? strtoul(length + 15, NULL, 10) : 0);
    }
    if (conn->got < conn->expect) return;
    int status = atoi(conn->answer + 9) / 100;
    status_count[status > 0 && status < 6 ? status : 0]++;
    sample(conn->due_ns, now_ns());
    conn->busy = false;
    answered_count++;
    post_next(conn);
}

static void post_all(const char *path, size_t clients, size_t total, double rate) {
    post_requests = read_requests(path, &post_count);
    posters = calloc(clients, sizeof *posters);
    idle = calloc(clients, sizeof *idle);
    idle_count = posted = answered_count = sample_count = 0, post_total = total;
    memset(status_count, 0, sizeof status_count);
    uint64_t begun = now_ns();
    post_gap_ns = rate > 0 ? (uint64_t)(1e9 / rate) : 0, post_next_ns = begun;
    for (size_t i = 0; i < clients; i++) {
        posters[i] = (struct conn){.kind = POSTER, .fd = dial(), .answer = malloc(READ_BYTES)};
        watch(&posters[i], EPOLLIN, EPOLL_CTL_ADD);
        post_next(&posters[i]);
    }
    while (answered_count < total) {
        uint64_t present = now_ns();
        bool due = idle_count && posted < total;
        turn(!due ? MS * 100 : post_next_ns > present ? post_next_ns - present : 0, read_answer);
        while (idle_count && posted < total && post_next_ns <= now_ns()) post_next(idle[--idle_count]);
        if (now_ns() - begun > 300 * 1000000000ull) break;
    }
    printf("{\"answered\":%zu,\"seconds\":%.4f,\"2xx\":%zu,\"4xx\":%zu,\"5xx\":%zu,", answered_count, (double)(now_ns() - begun) / 1e9,
           status_count[2], status_count[4], status_count[5]);
    print_samples("latency_ms");
    printf("}\n");
    sample_count = 0;
    for (size_t i = 0; i < clients; i++) close(posters[i].fd), free(posters[i].answer);
    for (size_t i = 0; i < post_count; i++) free(post_requests[i].bytes);
    free(post_requests), free(posters), free(idle);
}

/* While no command waits, the streams are read: a client that rests would slow the server down. */
static bool command_waits(void) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(loop_fd, events, EVENTS, -1);
    bool waits = false;
    for (int i = 0; i < ready; i++) {
        struct conn *conn = events[i].data.ptr;
        if (!conn) waits = true;
        else if (conn->fd >= 0) read_stream(conn);
    }
    return waits;
}

static bool read_line(char *line, size_t size) {
    static char waiting[1 << 12];
    static size_t held;
    for (;;) {
        char *end = memchr(waiting, '\n', held);
        if (end) {
            size_t length = (size_t)(end - waiting);
            if (length >= size) exit(2);
            memcpy(line, waiting, length);
            line[length] = 0;
            held -= length + 1;
            memmove(waiting, end + 1, held);
            return true;
        }
        if (!command_waits()) continue;
        ssize_t got = read(0, waiting + held, sizeof waiting - held);
        if (got <= 0) return false;
        held += (size_t)got;
    }
}

int main(int argc, char **argv) {
    if (argc != 6) return fprintf(stderr, "usage: load HOST PORT STAMPED MARKER GREETING\n"), 2;
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) die(argv[1]);
    stamped = *argv[3] == '1', marker = argv[4], greeting = argv[5];
    marker_length = strlen(marker), greeting_length = strlen(greeting);
    if (marker_length + STAMP >= CARRY || greeting_length >= CARRY || !marker_length || !greeting_length) return 2;
    loop_fd = epoll_create1(EPOLL_CLOEXEC);
    samples = malloc(SAMPLES_MAX * sizeof *samples);
    key_count = now_ns();
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(loop_fd, EPOLL_CTL_ADD, 0, &input)) die("standard input must be a pipe");
    setvbuf(stdout, NULL, _IOLBF, 0);
    char line[1024], path[512], ws[8];
    size_t clients, total;
    unsigned each, wait_ms;
    double rate;
    while (read_line(line, sizeof line)) {
        int words;
        if ((words = sscanf(line, "streams %511s %zu %7s", path, &clients, ws)) >= 2) open_streams(path, clients, words == 3);
        else if (sscanf(line, "await %u %u", &each, &wait_ms) == 2) await_events(each, wait_ms);
        else if (sscanf(line, "post %511s %zu %zu %lf", path, &clients, &total, &rate) == 4) post_all(path, clients, total, rate);
        else if (!strcmp(line, "reset")) reset();
        else return fprintf(stderr, "what is \"%s\"?\n", line), 2;
    }
    return 0;
}
