import { disableNetwork } from '@sluice/sandbox/child';

disableNetwork();
// Loaded after the network is gone, so that nothing can keep an earlier reference to it.
const [{ serveInspections }, { inspections }] = await Promise.all([
  import('@sluice/inspection/inspect'),
  import('./inspection.ts'),
]);
await serveInspections(inspections);
