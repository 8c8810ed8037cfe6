import { useState } from 'preact/hooks';
import type { Install, PackageDetail, Page } from '@sluice/api';
import { ask, query } from '../api/client.ts';
import { may } from '../api/principal.ts';
import { useResource } from '../api/use-resource.ts';
import { Badge } from '../parts/badge.tsx';
import { ReasonDialog } from '../parts/dialog.tsx';
import { Head } from '../parts/head.tsx';
import { Empty, Shown } from '../parts/states.tsx';
import { Hostile } from '../parts/text.tsx';
import { duration, Time } from '../parts/time.tsx';
import { useQuery } from '../parts/use-query.ts';
import { Waterfall } from '../parts/waterfall.tsx';
import { Advisories, Facts, Files, Findings } from './package-evidence.tsx';
import { shortPurl } from './packages.tsx';

export function Package({ purl }: { purl: string }) {
  const [{ scope = '' }] = useQuery();
  const [resource, reload] = useResource<PackageDetail>(`/v1/packages/${purl}${query({ scope })}`);
  return (
    <Shown resource={resource.value}>
      {(found) => (
        <>
          <Head
            title={shortPurl(found.purl)}
            lead={
              <>
                scope {found.scope} · assessment {found.attempt} · lane {found.lane}
                {found.traceId !== null && (
                  <>
                    {' '}
                    · trace <code>{found.traceId}</code>
                  </>
                )}
              </>
            }
          >
            <Badge word={found.outcome ?? found.state} />
            {found.decision && <Badge word={found.decision.state} />}
            <Decide found={found} onDone={reload} />
          </Head>
          <Verdict found={found} />
          <div class="columns">
            <div>
              <Findings found={found} />
              <Advisories found={found} />
            </div>
            <div>
              <Facts found={found} />
              <Files found={found} />
            </div>
          </div>
          <History found={found} />
          {may('installs.read') && <InstalledBy purl={found.purl} />}
        </>
      )}
    </Shown>
  );
}

function Decide({ found, onDone }: { found: PackageDetail; onDone: () => void }) {
  const [verb, setVerb] = useState<'approve' | 'reject' | null>(null);
  if (!may('packages.decide') || found.verdict === null) return null;
  return (
    <>
      <button type="button" class="primary" onClick={() => setVerb('approve')}>
        Approve
      </button>
      <button type="button" class="danger" onClick={() => setVerb('reject')}>
        Reject
      </button>
      {verb && (
        <ReasonDialog
          title={`${verb === 'approve' ? 'Approve' : 'Reject'} ${shortPurl(found.purl)}`}
          verb={verb === 'approve' ? 'Approve' : 'Reject'}
          isDanger={verb === 'reject'}
          onClose={() => setVerb(null)}
          onSend={async (reason) => {
            const { assessmentId } = found;
            const address = `/v1/packages/${found.purl}/${verb}${query({ scope: found.scope })}`;
            await ask(address, { method: 'POST', body: { reason, assessmentId } });
            onDone();
          }}
        >
          <p>
            It holds in the scope {found.scope} until somebody decides otherwise, for the bytes that were
            scanned.
          </p>
        </ReasonDialog>
      )}
    </>
  );
}

function Verdict({ found }: { found: PackageDetail }) {
  const { verdict, failure, decision, lastError } = found;
  return (
    <section class="card">
      <h2>Verdict</h2>
      {failure && (
        <p>
          <Badge word="failed" /> in {failure.stage}: <Hostile text={failure.detail} />{' '}
          <code>{failure.code}</code>
        </p>
      )}
      {lastError && (
        <p>
          The last try of {lastError.stage} failed: <Hostile text={lastError.detail} /> It is repeated{' '}
          <Time at={lastError.nextTryAt} />.
        </p>
      )}
      {!verdict && !failure && (
        <p>It is being assessed{found.stage === null ? '' : `, in ${found.stage}`}.</p>
      )}
      {verdict && (
        <>
          <ul class="reasons">
            {found.reasons.map((reason) => (
              <li key={reason.code + reason.message}>
                <Badge word={reason.outcome} /> <strong>{<Hostile text={reason.message} />}</strong>{' '}
                <code>{reason.code}</code>
                <p class="remedy">
                  <Hostile text={reason.remedy} />
                </p>
              </li>
            ))}
          </ul>
          {found.reasons.length === 0 && <p>Nothing stands against it.</p>}
          <p class="soft">
            By policy <code>{verdict.policyVersion}</code>, <Time at={verdict.judgedAt} />
          </p>
        </>
      )}
      {decision && (
        <p>
          <Badge word={decision.state} /> by <Hostile text={decision.by.name} />, <Time at={decision.at} />:{' '}
          <Hostile text={decision.reason} />
          {decision.until && (
            <>
              {' '}
              Until <Time at={decision.until} />.
            </>
          )}
        </p>
      )}
    </section>
  );
}

function History({ found }: { found: PackageDetail }) {
  return (
    <section class="card">
      <h2>What happened</h2>
      <Waterfall events={found.timeline} />
      <details>
        <summary>All {found.timeline.length} events</summary>
        <ol class="timeline">
          {found.timeline.map((event) => (
            <li key={event.position}>
              <Time at={event.at} />
              <details>
                <summary>
                  <code>{event.type}</code>
                </summary>
                <pre>
                  <Hostile text={JSON.stringify(event.data, null, 2)} />
                </pre>
              </details>
            </li>
          ))}
        </ol>
      </details>
      {found.failedTries.length > 0 && (
        <>
          <h3>Tries that failed</h3>
          <ul class="reasons">
            {found.failedTries.map((failed) => (
              <li key={failed.at}>
                {failed.stage}, <Time at={failed.at} />: <Hostile text={failed.detail} />{' '}
                <code>{failed.code}</code>
                {!failed.counted && <span class="soft"> It cost no attempt.</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      {found.requestedAt && found.endedAt && (
        <p class="soft">
          In all {duration((Date.parse(found.endedAt) - Date.parse(found.requestedAt)) / 1_000)}.
        </p>
      )}
    </section>
  );
}

function InstalledBy({ purl }: { purl: string }) {
  const [resource] = useResource<Page<Install>>(`/v1/installs${query({ purl, limit: 100 })}`);
  return (
    <section class="card">
      <h2>Who installed it through the gate</h2>
      <Shown resource={resource.value}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nobody yet." />
          ) : (
            <ul class="plain">
              {items.map((install) => (
                <li key={install.principalId + install.scope}>
                  <Hostile text={install.principal} />, last <Time at={install.lastAt} />, with{' '}
                  <Hostile text={install.client} />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </section>
  );
}
