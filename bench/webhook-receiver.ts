import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes every message, in a process of its own; those for `/hangs` it never answers. Says its port, and on request how many it took. */
let taken = 0;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    if (request.url === '/hangs') return;
    taken += 1;
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', () => process.send?.(taken));
process.on('disconnect', () => process.exit());
