import pc from 'picocolors';
import type { AdvisorySet, Item, RequestDetail } from '../api-client.ts';
import { printable } from './printable.ts';

/** A reason that holds for everything is said once, not in every row. */
const saidOnce = new Set(['advisories.missing']);
/** Parts of the project itself: there is nothing to decide about them. */
const ownCodes = new Set(['source.workspace', 'source.link']);

export interface Row {
  subject: string;
  outcome: string;
  why: string[];
}

/** Whether somebody has to look at an item before it may be used. */
export function needsAttention(item: Item): boolean {
  if (item.unassessable) return !ownCodes.has(item.unassessable.code);
  if (item.decision?.state === 'rejected') return true;
  if (item.outcome === 'reject') return true;
  return item.decision?.state === 'approved' ? false : item.outcome !== 'approve';
}

/** The rows of the table: what needs attention, worst first. Pure. */
export function attentionRows(items: Item[]): Row[] {
  const order = ['reject', 'failed', 'review', 'unassessable', 'cancelled', 'approve'];
  return items
    .filter((item) => needsAttention(item) && hasEnded(item) && !waitsForAdvisoriesAlone(item))
    .map((item) => ({ subject: nameOf(item), outcome: item.outcome ?? 'waiting', why: whyOf(item) }))
    .toSorted(
      (a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || (a.subject < b.subject ? -1 : 1),
    );
}

/** Nothing but an unloaded set of advisories keeps it from approval. */
function waitsForAdvisoriesAlone(item: Item): boolean {
  return (
    needsAttention(item) &&
    whyOf(item).length === 0 &&
    item.reasons.some((reason) => saidOnce.has(reason.code))
  );
}

function hasEnded(item: Item): boolean {
  return item.outcome !== null || item.unassessable !== null;
}

function nameOf({ name, version }: Item): string {
  return version ? `${name}@${version}` : name;
}

function whyOf(item: Item): string[] {
  if (item.unassessable) return [`${item.unassessable.code}  ${item.unassessable.message}`];
  if (item.failure) return [`${item.failure.code}  ${item.failure.detail}`];
  const reasons = item.reasons.filter((reason) => reason.outcome !== 'approve' && !saidOnce.has(reason.code));
  const why = reasons.map((reason) => `${reason.code}  ${reason.message}`);
  const { decision } = item;
  if (decision?.by.kind === 'person')
    why.push(`decision.${decision.state}  by ${decision.by.name}: ${decision.reason}`);
  return why;
}

type Colours = ReturnType<typeof pc.createColors>;

const colourOf: Record<string, (colours: Colours) => (text: string) => string> = {
  reject: (colours) => colours.red,
  failed: (colours) => colours.magenta,
  review: (colours) => colours.yellow,
  approve: (colours) => colours.green,
};

/** The table as text: a package a row, each further reason on a line of its own. */
export function renderTable(rows: Row[], columns: number, coloured = false): string {
  const colours = pc.createColors(coloured);
  const subjectWidth = Math.min(48, Math.max(8, ...rows.map((row) => row.subject.length)));
  const outcomeWidth = Math.max(7, ...rows.map((row) => row.outcome.length));
  const indent = ' '.repeat(subjectWidth + outcomeWidth + 4);
  return rows
    .map(({ subject, outcome, why }) => {
      const shown = colourOf[outcome]?.(colours) ?? String;
      const padded = shown(outcome.padEnd(outcomeWidth));
      const lines = why.map((line) => cut(printable(line), columns - indent.length));
      return `${cut(printable(subject), subjectWidth).padEnd(subjectWidth)}  ${padded}  ${lines.join(`\n${indent}`)}`;
    })
    .join('\n');
}

/** The closing lines: what was looked at, what came of it, and what to do next. */
export function renderSummary(request: RequestDetail, items: Item[]): string {
  const { counts, entryCount, itemCount } = request;
  const count = (outcome: keyof typeof counts) => counts[outcome] ?? 0;
  const own = items.filter((item) => item.unassessable && ownCodes.has(item.unassessable.code)).length;
  const foreign = count('unassessable') - own;
  const seconds = request.completedAt
    ? (Date.parse(request.completedAt) - Date.parse(request.submittedAt)) / 1000
    : null;
  const lines = [
    `${entryCount} entries, ${itemCount} package versions${seconds === null ? '' : ` in ${seconds.toFixed(1)} s`}: ` +
      `${count('approve')} approved by policy, ${count('review')} to review, ${count('reject')} rejected, ` +
      `${count('failed')} failed${foreign > 0 ? `, ${foreign} not from a registry` : ''}${own > 0 ? `, ${own} parts of the project itself` : ''}.`,
  ];
  if (request.failure) {
    const { code, detail, remedy } = request.failure;
    lines.push(`The request failed: ${printable(detail)} (${code})`, remedy);
  }
  const withheld = items.filter(waitsForAdvisoriesAlone).length;
  if (withheld > 0) {
    lines.push(
      `No advisories are loaded, so nothing can be found clean: ${withheld} package versions wait for that alone.`,
      'Load them with: npm run sluice -- advisories import <zip, folder or URL>',
    );
  }
  for (const set of request.advisories) lines.push(describeAdvisories(set));
  return lines.join('\n');
}

function describeAdvisories({ ecosystem, recordCount, importedAt, result, detail }: AdvisorySet): string {
  const age = importedAt ? `imported ${importedAt}` : 'never imported';
  const failed =
    result === 'failed' ? `; the last refresh failed: ${detail?.replace(/\.$/, '') ?? 'unknown reason'}` : '';
  return `Advisories for ${ecosystem}: ${recordCount} records, ${age}${failed}.`;
}

function cut(text: string, width: number): string {
  if (width < 20 || text.length <= width) return text;
  return `${text.slice(0, width - 1)}…`;
}
