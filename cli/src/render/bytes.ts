import type { FetchedBytes } from '@sluice/api';

/** `4.2 of 104.9 MB`, in the unit of the larger one; without the total while that is not known. Pure. */
export function renderBytes({ received, total }: NonNullable<FetchedBytes>): string {
  const [unit, size] = (total ?? received) < 1_000_000 ? (['kB', 1e3] as const) : (['MB', 1e6] as const);
  const shown = (bytes: number) => (bytes / size).toFixed(1);
  return total === null ? `${shown(received)} ${unit}` : `${shown(received)} of ${shown(total)} ${unit}`;
}
