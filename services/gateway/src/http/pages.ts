import type { QuotaName } from '../quotas/quotas.ts';
import { isConsolePath } from '../routes/about/console.ts';
import { problemPath } from './problem.ts';

/** Addresses for people with a browser. They are no operations, and not documented as such. */
interface Page {
  /** Whether a link on another site may open it: the same text for all readers, or a step of the sign-in, which has checks of its own. */
  isLinked?: boolean;
  /** Whether it reads its query itself, since a provider adds to it. */
  readsQuery?: boolean;
  /** The quota that opening it costs. */
  quota?: QuotaName;
}

const pages: Readonly<Record<string, Page>> = {
  '/docs': { isLinked: true },
  '/docs/scalar.js': {},
  '/docs/start.js': {},
  '/openapi.json': { isLinked: true },
  '/sign-in': { isLinked: true, readsQuery: true, quota: 'auth' },
  '/sign-in/callback': { isLinked: true, readsQuery: true, quota: 'auth' },
  '/signed-in': { isLinked: true },
  '/setup': { isLinked: true },
  '/device': { isLinked: true },
  '/pages/page.js': {},
};

/** The page at an address; null for anything else. */
export function findPage(path: string): Page | null {
  if (Object.hasOwn(pages, path)) return pages[path]!;
  // Its filters are in its query.
  if (isConsolePath(path)) return { isLinked: true, readsQuery: true };
  return path.startsWith(problemPath('')) ? { isLinked: true } : null;
}
