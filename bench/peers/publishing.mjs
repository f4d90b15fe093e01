// How the peers are told to push: the same two requests for each.

/** Answer with this to either request. */
export const ANSWER = "{}";

/** What a request asks for: `POST /publish` one event to all streams, `POST /spray?n=N` one event to each of N streams, one
 * a turn. Gives a function of N (or nothing) and the body. */
export function publishing({ toAll, toOne }) {
  let sprayed = 0;
  return (times, body) => {
    const data = JSON.parse(body);
    const spray = (left) => {
      if (!left) return;
      toOne(sprayed++, data);
      setImmediate(spray, left - 1);
    };
    if (times) spray(times);
    else toAll(data);
  };
}

/** Listen on a free port, print the URL, and do what requests ask for. */
export function listenAndPublish(http, handlers) {
  const publish = publishing(handlers);
  http.on("request", (request, response) => {
    if (request.method !== "POST") return;
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      publish(Number(new URL(request.url, "http://localhost").searchParams.get("n")), body);
      response.writeHead(200, { "Content-Length": 2, "Content-Type": "application/json" }).end(ANSWER);
    });
  });
  http.listen(0, "127.0.0.1", 4096, () => console.log(`http://127.0.0.1:${http.address().port}`));
}
