import type { ComponentChildren } from 'preact';
import type { Problem } from '@sluice/api';
import type { Resource } from '../api/use-resource.ts';

/** Stands where data will be, while they are asked for the first time. */
export function Loading() {
  return (
    <div role="status" aria-label="Loading">
      <div class="skeleton" />
      <div class="skeleton" />
      <div class="skeleton" />
    </div>
  );
}

/** Why something cannot be shown or done, and the remedy. */
export function ProblemNote({ problem }: { problem: Problem }) {
  return (
    <div class="card problem" role="alert">
      <strong>{problem.title}</strong>
      <p>{problem.detail}</p>
      <p class="soft">{problem.remedy}</p>
      <p class="soft">
        {problem.type.startsWith('/problems/') ? (
          <a href={problem.type}>{problem.code}</a>
        ) : (
          <code>{problem.code}</code>
        )}
        {problem.traceId !== null && (
          <>
            , trace <code>{problem.traceId}</code>
          </>
        )}
      </p>
    </div>
  );
}

/** An empty list: why it is empty, and the next step. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="notice">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** Shows a resource as it was read last. Data that could not be read again stay, and say how old they are. */
export function Shown<Data>({
  resource,
  children,
}: {
  resource: Resource<Data>;
  children: (data: Data) => ComponentChildren;
}) {
  const { data, problem, at } = resource;
  if (data === null) return problem ? <ProblemNote problem={problem} /> : <Loading />;
  return (
    <>
      {problem && (
        <p class="banner" role="status">
          As of {at === null ? 'an earlier visit' : new Date(at).toLocaleTimeString()}: {problem.title}
        </p>
      )}
      {children(data)}
    </>
  );
}
