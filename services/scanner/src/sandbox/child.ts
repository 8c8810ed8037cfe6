import { createWriteStream } from 'node:fs';
import { disableNetwork } from './disable-network.ts';
import { serveJobs } from './serve-jobs.ts';

disableNetwork();
// Loaded after the network is gone, so that nothing can keep an earlier reference to it.
const { inspectArchive } = await import('../inspect/inspect-archive.ts');
await serveJobs(process.stdin, createWriteStream('', { fd: 3 }), inspectArchive);
