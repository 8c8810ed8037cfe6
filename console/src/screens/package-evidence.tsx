import type { PackageDetail } from '@sluice/api';
import { Badge } from '../parts/badge.tsx';
import { Hostile, HostileLink } from '../parts/text.tsx';
import { bytes, Time } from '../parts/time.tsx';

export function Findings({ found }: { found: PackageDetail }) {
  const findings = (found.scan?.files ?? []).flatMap((file) => file.findings);
  return (
    <section class="card">
      <h2>What the scan found</h2>
      {findings.length === 0 ? (
        <p class="soft">{found.scan ? 'Nothing.' : 'It was not scanned yet.'}</p>
      ) : (
        <ul class="reasons">
          {findings.map((finding) => (
            <li key={`${finding.rule}${finding.file}${finding.line}`}>
              <Badge word={finding.severity} /> <strong>{<Hostile text={finding.title} />}</strong>
              <p class="remedy">
                <code>{finding.rule}</code>, {finding.tier}
                {finding.file && (
                  <>
                    , <code>{<Hostile text={finding.file} />}</code>
                    {finding.line !== null && ` line ${finding.line}`}
                  </>
                )}
              </p>
              {finding.excerpt && (
                <pre>
                  <Hostile text={finding.excerpt} />
                </pre>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function Advisories({ found }: { found: PackageDetail }) {
  const matches = found.scan?.advisories?.matches ?? [];
  return (
    <section class="card">
      <h2>Advisories</h2>
      {matches.length === 0 ? (
        <p class="soft">None is known for this version.</p>
      ) : (
        <ul class="reasons">
          {matches.map((match) => (
            <li key={match.id}>
              <Badge word={match.severity ?? 'unknown'} /> <strong>{<Hostile text={match.id} />}</strong>{' '}
              {<Hostile text={match.summary} />}
              {match.fixedIn && <p class="remedy">Fixed in {match.fixedIn}.</p>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function Facts({ found }: { found: PackageDetail }) {
  const { registry, license, scan } = found;
  const texts = (scan?.files ?? []).flatMap((file) => file.licenseTexts.map(({ expression }) => expression));
  return (
    <section class="card">
      <h2>About it</h2>
      <dl class="facts">
        <dt>License, as declared</dt>
        <dd>
          <Hostile text={license?.declared ?? 'not declared'} />
        </dd>
        <dt>License texts</dt>
        <dd>{[...new Set(texts)].join(', ') || '–'}</dd>
        <dt>Published</dt>
        <dd>
          <Time at={registry?.publishedAt ?? null} />
        </dd>
        <dt>Publisher</dt>
        <dd>
          <Hostile text={registry?.publisher ?? '–'} />
        </dd>
        <dt>Repository</dt>
        <dd>{registry?.repositoryUrl ? <HostileLink address={registry.repositoryUrl} /> : '–'}</dd>
        <dt>Runs at install</dt>
        <dd>
          <Hostile text={registry?.runsAtInstall.join(', ') || 'nothing'} />
        </dd>
      </dl>
    </section>
  );
}

export function Files({ found }: { found: PackageDetail }) {
  const files = found.download?.files ?? [];
  return (
    <section class="card">
      <h2>Files</h2>
      {files.length === 0 && <p class="soft">None was fetched yet.</p>}
      {files.map((file) => (
        <details key={file.file}>
          <summary>
            <Hostile text={file.file} /> · {file.status}
            {file.sizeBytes !== null && ` · ${bytes(file.sizeBytes)}`}
          </summary>
          <dl class="facts">
            {Object.entries(file.digests ?? {}).map(([algorithm, hex]) => (
              <>
                <dt>{algorithm}</dt>
                <dd>
                  <code>{hex}</code>
                </dd>
              </>
            ))}
          </dl>
        </details>
      ))}
    </section>
  );
}
