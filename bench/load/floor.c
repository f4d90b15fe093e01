/* The limit: what the kernel takes for pushing bytes to sockets, and nothing else.
 *
 *   floor                        listens on a free port of 127.0.0.1 and prints it
 *   GET  anything                becomes an event stream
 *   POST /publish                its body is sent to every stream, one `send` for all that came in one turn of the loop
 *   POST /spray?n=N              its body is sent N times, to one stream after the other, one `send` each
 *
 * No parsing worth the name, no topics, no log, no slow readers: a server that does anything more costs more.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 512, READ_BYTES = 1 << 16, PENDING_BYTES = 1 << 20, FRAME_BYTES = 1 << 12 };
static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
static const char DONE[] = "HTTP/1.1 204 No Content\r\n\r\n";

static int *streams, stream_count, stream_capacity, sprayed;
static char pending[PENDING_BYTES], input[READ_BYTES];
static size_t pending_bytes;

static size_t encode(char *frame, const char *body, size_t length) {
    return (size_t)sprintf(frame, "%zx\r\nid: 5072d5a9.1234567\nevent: new-notification\ndata: %.*s\n\n\r\n",
                           length + strlen("id: 5072d5a9.1234567\nevent: new-notification\ndata: \n\n"), (int)length, body);
}

static void forget(int fd) {
    for (int i = 0; i < stream_count; i++)
        if (streams[i] == fd) streams[i--] = streams[--stream_count];
    close(fd);
}

static void serve(int fd) {
    ssize_t got = recv(fd, input, READ_BYTES - 1, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) forget(fd);
        return;
    }
    input[got] = 0;
    if (!strncmp(input, "GET ", 4)) {
        if (stream_count == stream_capacity) {
            stream_capacity = stream_capacity ? stream_capacity * 2 : 1024;
            streams = realloc(streams, (size_t)stream_capacity * sizeof *streams);
        }
        streams[stream_count++] = fd;
        send(fd, HEAD, sizeof HEAD - 1, MSG_NOSIGNAL);
        return;
    }
    char *end = strstr(input, "\r\n\r\n");     /* loopback brings a small request whole */
    if (!end) return;
    size_t length = (size_t)(input + got - end - 4);
    int times = 0;
    if (sscanf(input, "POST /spray?n=%d", &times) == 1) {
        char frame[FRAME_BYTES];
        size_t bytes = encode(frame, end + 4, length);
        for (; times && stream_count; times--) send(streams[sprayed++ % stream_count], frame, bytes, MSG_NOSIGNAL);
    } else if (pending_bytes + length + 128 < PENDING_BYTES) {
        pending_bytes += encode(pending + pending_bytes, end + 4, length);
    }
    send(fd, DONE, sizeof DONE - 1, MSG_NOSIGNAL);
}

int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), loop_fd = epoll_create1(0), one = 1;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    if (bind(listener, (struct sockaddr *)&here, size) || listen(listener, 4096)) return perror("listen"), 1;
    getsockname(listener, (struct sockaddr *)&here, &size);
    printf("http://127.0.0.1:%d\n", ntohs(here.sin_port));
    fflush(stdout);
    struct epoll_event events[EVENTS], watched = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(loop_fd, EPOLL_CTL_ADD, listener, &watched);
    for (;;) {
        int ready = epoll_wait(loop_fd, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd != listener) {
                serve(events[i].data.fd);
                continue;
            }
            int fd;
            while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                watched = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
                epoll_ctl(loop_fd, EPOLL_CTL_ADD, fd, &watched);
            }
        }
        for (int i = 0; pending_bytes && i < stream_count; i++) send(streams[i], pending, pending_bytes, MSG_NOSIGNAL);
        pending_bytes = 0;
    }
}
