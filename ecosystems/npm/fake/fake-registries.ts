import type { Egress } from '@sluice/egress';
import type { Registries } from '@sluice/registries';
import { npmClient } from '../registry.ts';

/** The client of a registry, as services have it. */
export function fakeRegistries({ url }: { url: string }, egress: Egress): Registries {
  return new Map([['npm', npmClient.open({ url, scopes: new Map(), credentials: [] }, egress)]]);
}
