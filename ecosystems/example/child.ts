import { disableNetwork } from '@sluice/sandbox/child';

disableNetwork();
const [{ serveInspections }, { inspections }, { exampleInspection }] = await Promise.all([
  import('@sluice/inspection/inspect'),
  import('../inspection.ts'),
  import('./inspection.ts'),
]);
await serveInspections([...inspections, exampleInspection]);
