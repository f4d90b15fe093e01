// How the peers are told to push: the same two requests for each.

/** Listen on a free port, print the URL, and answer `POST /publish` (one event to all streams) and `POST /spray?n=N` (one
 * event to each of N streams, one a turn). */
export function listenAndPublish(http, { toAll, toOne }) {
  let sprayed = 0;
  http.on("request", (request, response) => {
    if (request.method !== "POST") return;
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const data = JSON.parse(body);
      const times = Number(new URL(request.url, "http://localhost").searchParams.get("n"));
      const spray = (left) => {
        if (!left) return;
        toOne(sprayed++, data);
        setImmediate(spray, left - 1);
      };
      if (times) spray(times);
      else toAll(data);
      response.writeHead(200, { "Content-Length": 2, "Content-Type": "application/json" }).end("{}");
    });
  });
  http.listen(0, "127.0.0.1", 4096, () => console.log(`http://127.0.0.1:${http.address().port}`));
}
