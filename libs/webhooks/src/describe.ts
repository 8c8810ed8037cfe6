import type { PublicEvent } from './public-event.ts';

const text = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : []);

function countsText(counts: unknown): string {
  const shown = Object.entries((counts ?? {}) as Record<string, number>).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return shown.map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'no items';
}

/** An event in words: one line and a few more, for people. Pure. The texts may have been written by strangers. */
export function describe({ type, subject, scope, data }: Omit<PublicEvent, 'id'>): {
  title: string;
  lines: string[];
} {
  const inScope = scope === null ? [] : [`Scope: ${scope}`];
  switch (type) {
    case 'request.completed':
      return {
        title: `Request ${subject} ended`,
        lines: [`Items: ${countsText(data['counts'])}`, ...inScope],
      };
    case 'request.needs-review':
      return {
        title: `Request ${subject} waits for a review`,
        lines: [`Package versions to review: ${text(data['reviewCount'])}`, ...inScope],
      };
    case 'decision.made':
      return {
        title: `${subject} was ${text(data['decision'])} by ${text(data['by'])}`,
        lines: [`Reason: ${text(data['reason'])}`, ...inScope],
      };
    case 'package.recalled':
      return {
        title: `${subject} was recalled`,
        lines: [
          `Reason: ${text(data['reason'])}`,
          'It is not installed any more until somebody decides.',
          ...inScope,
        ],
      };
    case 'project.refresh.completed':
      return {
        title: `Refresh of project ${text(data['projectId'])}: ${text(data['state'])}`,
        lines: [`Items: ${countsText(data['counts'])}`, ...inScope],
      };
    case 'approval.waiting':
      return {
        title: `${text(data['total'])} package versions came to wait for a decision`,
        lines: [...listOf(data['subjects']), ...inScope],
      };
    case 'advisories.stale':
      return {
        title: `The advisories of ${subject} are stale`,
        lines: [`Last checked: ${text(data['checkedAt']) || 'never'}`],
      };
    case 'ping':
      return { title: 'This is a test of Sluice', lines: ['Webhooks arrive here.'] };
  }
}
