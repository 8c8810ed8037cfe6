import { Socket } from 'node:net';

interface Addresses {
  host: string[];
  port: number[];
  /** Of a Unix socket, instead of hosts. */
  path?: string | false;
}

/**
 * Makes the sockets of a pool, several hosts in turns, without Nagle's algorithm, which the driver leaves on: it sends
 * the end of a COPY as a message of its own, and that would wait 40 ms for the acknowledgement of the rows before it.
 * They are returned while they still connect; the driver hears of errors, its first message waits in the socket.
 */
export function undelayedSockets(): (addresses: Addresses) => Socket {
  let made = 0;
  return ({ host: hosts, port: ports, path }) => {
    const turn = made % hosts.length;
    made += 1;
    const [host, port] = [hosts[turn]!, ports[turn]!];
    const socket = new Socket().setNoDelay(true);
    // The driver reads the name for a certificate, and for errors, from here.
    Object.assign(socket, { host, port });
    return path ? socket.connect(path) : socket.connect(port, host);
  };
}
