import type { Lane } from '@sluice/contracts';

/** The durable consumer of a stage in a lane; its attempts are kept under the service's name alone. */
export function stageDurable(service: string, lane: Lane): string {
  return `${service}-${lane}`;
}
