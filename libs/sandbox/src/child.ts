/** The child's side of a sandbox. */
export { disableNetwork } from './disable-network.ts';
export { serveJobs } from './serve-jobs.ts';
