// Adds a key to every request: for programs that know no keys. On loopback, for as long as the program runs.
import http from 'node:http';

export function withKey(server, key) {
  const target = new URL(server);
  const proxy = http.createServer((request, reply) => {
    const headers = { ...request.headers, authorization: `Bearer ${key}` };
    // a name of this machine becomes the server's; a foreign one goes through, for the server to refuse
    if (/^(127\.0\.0\.1|localhost|\[::1\])(:|$)/.test(headers.host ?? '')) {
      if (headers.origin?.endsWith(`//${headers.host}`)) {
        headers.origin = target.origin;
      }
      headers.host = target.host;
    }
    const onward = http.request(
      { host: target.hostname, port: target.port, path: request.url, method: request.method, headers },
      (answer) => {
        reply.writeHead(answer.statusCode, answer.headers);
        answer.pipe(reply);
      });
    onward.on('error', () => reply.destroy());
    // a client that leaves is felt by the server
    reply.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  return new Promise((resolve) => {
    proxy.listen(0, '127.0.0.1', () => resolve({
      url: `http://127.0.0.1:${proxy.address().port}/mcp`,
      close: () => {
        proxy.closeAllConnections();
        proxy.close();
      },
    }));
  });
}
