import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Readiness } from '@sluice/api';
import type { Right } from '@sluice/api/rights';
import { ask } from '../api/client.ts';
import { isLive } from '../api/live.ts';
import { may, principal } from '../api/principal.ts';
import { dropKey } from '../api/session.ts';
import { useResource } from '../api/use-resource.ts';
import { Hostile } from '../parts/text.tsx';
import { ThemeChoice } from './theme.tsx';

interface Entry {
  to: string;
  title: string;
  right: Right;
}

const groups: readonly { title: string; entries: readonly Entry[] }[] = [
  {
    title: 'Work',
    entries: [
      { to: '/approvals', title: 'Approvals', right: 'packages.read' },
      { to: '/requests', title: 'Requests', right: 'requests.read' },
      { to: '/batches', title: 'Batches', right: 'requests.read' },
      { to: '/projects', title: 'Projects', right: 'requests.read' },
      { to: '/packages', title: 'Packages', right: 'packages.read' },
      { to: '/policy', title: 'Policy', right: 'packages.read' },
      { to: '/submit', title: 'Submit', right: 'requests.submit' },
    ],
  },
  {
    title: 'Running it',
    entries: [
      { to: '/operations', title: 'Operations', right: 'operations.read' },
      { to: '/dead-letters', title: 'Dead letters', right: 'operations.read' },
      { to: '/installs', title: 'Installs', right: 'installs.read' },
      { to: '/audit', title: 'Audit', right: 'audit.read' },
      { to: '/webhooks', title: 'Webhooks', right: 'webhooks.manage' },
      { to: '/keys', title: 'Keys', right: 'keys.manage' },
    ],
  },
];

/** Forgets the key of this tab, and ends the session of who has signed in. */
async function signOut(): Promise<void> {
  if (principal.value?.sessionId) await ask('/v1/auth/sign-out', { method: 'POST', body: {} });
  dropKey();
  location.assign('/');
}

export function Shell({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  // A reader of the screen hears of a new page by its heading; the first one is announced by the browser.
  useEffect(() => {
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
    scrollTo(0, 0);
  }, [path]);
  const isHere = (to: string) => path === to || path.startsWith(`${to}/`);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        To the content
      </a>
      <aside class="side">
        <a class="brand" href="/">
          <img src="/favicon.svg" alt="" width="26" height="26" /> Sluice
        </a>
        <nav aria-label="Pages">
          {groups.map(({ title, entries }) => (
            <>
              <p class="group">{title}</p>
              {entries
                .filter(({ right }) => may(right))
                .map((entry) => (
                  <a key={entry.to} href={entry.to} aria-current={isHere(entry.to) ? 'page' : undefined}>
                    {entry.title}
                  </a>
                ))}
            </>
          ))}
        </nav>
        <div class="foot">
          <span class="live" data-live={isLive.value}>
            {isLive.value ? 'live' : 'asking every 5 s'}
          </span>
          <span>
            <Hostile text={principal.value?.name ?? ''} />
          </span>
          <ThemeChoice />
          <a href="/docs">API</a>
          <button type="button" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      </aside>
      <main class="main" id="main" tabIndex={-1} ref={main}>
        <Warnings />
        {children}
      </main>
    </div>
  );
}

/** Failing checks of the gateway, on every page: an old page must not pass for a new one. */
function Warnings() {
  const [resource] = useResource<Readiness>('/readyz');
  const failing = Object.entries(resource.value.data?.checks ?? {}).filter(([, { ok }]) => !ok);
  return (
    <>
      {resource.value.problem && (
        <p class="banner" role="status">
          {resource.value.problem.title} What is shown may be old.
        </p>
      )}
      {failing.map(([name, { detail }]) => (
        <p class="banner" role="status" key={name}>
          <strong>{name}</strong>: <Hostile text={detail ?? 'not fine'} />
        </p>
      ))}
    </>
  );
}
