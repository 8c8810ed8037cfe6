import { createWriteStream } from 'node:fs';
import { disableNetwork, serveJobs } from '@sluice/sandbox/child';

disableNetwork();
// Loaded after the network is gone, so that nothing can keep an earlier reference to it.
const { inspectArchive } = await import('./inspect/inspect-archive.ts');
await serveJobs(process.stdin, createWriteStream('', { fd: 3 }), inspectArchive);
