import type { AdvisorySet, Item, RequestDetail } from '@sluice/api';
import pc from 'picocolors';
import { itemStanding, showPlatforms, type ItemStanding } from '@sluice/contracts';
import { plural } from '../output.ts';
import { printable } from './printable.ts';

/** A reason that holds for everything is said once, not in every row. */
const saidOnce = new Set(['advisories.missing']);
/** A reason that says whose reasons the others are. */
const explaining = new Set(['bundled.in-parent']);
/** Standings of items that may be installed, or that need no decision. */
const well = new Set<ItemStanding>(['approved-by-policy', 'approved-by-person', 'own', 'other-platform']);
/** Standings of items that are no package versions to judge. */
const unjudged = new Set<ItemStanding>(['own', 'foreign', 'other-platform']);
/** Of the platforms of what was left out: enough to see what they are. */
const platformsShown = 8;

export interface Row {
  subject: string;
  outcome: string;
  why: string[];
}

/** Whether a person has to look at an item before it may be used. */
export function needsAttention(item: Item): boolean {
  return !well.has(itemStanding(item));
}

/** The rows of the table: items that need attention, worst first. Pure. */
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
  const reasons = item.reasons.filter(
    ({ code, outcome }) => (outcome !== 'approve' || explaining.has(code)) && !saidOnce.has(code),
  );
  const why = reasons.map((reason) => `${reason.code}  ${reason.message}`);
  const { decision } = item;
  if (decision && (decision.by.kind === 'person' || decision.state !== 'approved'))
    why.push(`decision.${decision.state}  ${describeDecision(decision)}`);
  else if (item.outcome === 'approve' && decision === null)
    why.push('decision.none  The policy leaves it to a person.');
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

/** The closing lines: counts, outcomes, and the next step. */
export function renderSummary(request: RequestDetail, items: Item[]): string {
  const { entryCount } = request;
  const standings = items.map(itemStanding);
  const versions = standings.filter((standing) => !unjudged.has(standing)).length;
  const count = (standing: ItemStanding) => standings.filter((one) => one === standing).length;
  const also = (standing: ItemStanding, words: string) =>
    count(standing) > 0 ? `, ${count(standing)} ${words}` : '';
  const seconds = request.completedAt
    ? (Date.parse(request.completedAt) - Date.parse(request.submittedAt)) / 1000
    : null;
  const lines = [
    `${plural(entryCount, 'entry', 'entries')}, ${plural(versions, 'package version')}${seconds === null ? '' : ` in ${seconds.toFixed(1)} s`}: ` +
      `${count('approved-by-policy')} approved by policy${also('approved-by-person', 'approved by a person')}, ` +
      `${count('review')} to review, ${count('rejected')} rejected, ${count('failed')} failed` +
      `${also('cancelled', 'cancelled')}${also('open', 'not ended')}${also('foreign', 'not from a registry')}` +
      `${also('own', `${count('own') === 1 ? 'part' : 'parts'} of the project itself`)}.`,
  ];
  if (request.platforms.length > 0) lines.push(describeLeftOut(request.platforms, items));
  if (request.failure) {
    const { code, detail, remedy } = request.failure;
    lines.push(`The request failed: ${printable(detail)} (${code})`, remedy);
  }
  if (entryCount === 0 && !request.failure)
    lines.push('The lockfile asks for no packages: there was nothing to judge.');
  const withheld = items.filter(waitsForAdvisoriesAlone).length;
  if (withheld > 0) {
    lines.push(
      `No advisories are loaded, so nothing can be found clean: ${plural(withheld, 'package version waits', 'package versions wait')} for that alone.`,
      'Load them with: npm run sluice -- advisories import <zip, folder or URL>',
    );
  }
  for (const set of request.advisories) lines.push(describeAdvisories(set));
  return lines.join('\n');
}

/** `For linux-x64 only: 2 package versions for other platforms were left out, not judged: darwin-arm64, win32-x64.` */
function describeLeftOut(platforms: string[], items: Item[]): string {
  const leftOut = items.filter((item) => itemStanding(item) === 'other-platform');
  const named = `For ${platforms.join(', ')} only`;
  if (leftOut.length === 0) return `${named}: nothing was left out.`;
  const others = [
    ...new Set(leftOut.flatMap((item) => (item.platforms ? [showPlatforms(item.platforms)] : []))),
  ].toSorted();
  const rest = others.length - platformsShown;
  return (
    `${named}: ${plural(leftOut.length, 'package version for other platforms was', 'package versions for other platforms were')} ` +
    `left out, not judged: ${printable(others.slice(0, platformsShown).join(', '))}${rest > 0 ? ` and ${rest} more` : ''}.`
  );
}

/** `by noor until 2027-01-01T00:00:00.000Z: looked at it`. */
export function describeDecision({ by, until, reason }: NonNullable<Item['decision']>): string {
  return `by ${by.name}${until ? ` until ${until}` : ''}: ${reason}`;
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
