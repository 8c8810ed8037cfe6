/** How something stands: always a word and a mark, never a colour alone. */
export type Tone = 'good' | 'warn' | 'bad' | 'idle';

const marks: Record<Tone, string> = { good: '✓', warn: '!', bad: '✕', idle: '·' };

const tones: Readonly<Record<string, Tone>> = {
  approve: 'good',
  approved: 'good',
  completed: 'good',
  assessed: 'good',
  working: 'good',
  closed: 'good',
  done: 'good',
  review: 'warn',
  none: 'warn',
  open: 'warn',
  paused: 'warn',
  draining: 'warn',
  drained: 'warn',
  ended: 'warn',
  medium: 'warn',
  unassessable: 'warn',
  reject: 'bad',
  rejected: 'bad',
  recalled: 'bad',
  failed: 'bad',
  denied: 'bad',
  critical: 'bad',
  high: 'bad',
};

export function Badge({ word, tone }: { word: string; tone?: Tone | undefined }) {
  const shown = tone ?? tones[word] ?? 'idle';
  return (
    <span class="badge" data-tone={shown} data-mark={marks[shown]}>
      {word}
    </span>
  );
}

/** `{review: 3, approve: 20}` as badges, the gravest first. */
export function Counts({ counts }: { counts: Readonly<Record<string, number>> | null }) {
  const order = ['reject', 'failed', 'review', 'unassessable', 'cancelled', 'approve'];
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const shown = Object.entries(counts ?? {})
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => rank(a) - rank(b));
  if (shown.length === 0) return <span class="soft">none yet</span>;
  return (
    <span class="badges">
      {shown.map(([name, count]) => (
        <Badge key={name} word={`${whole.format(count)} ${name}`} tone={tones[name]} />
      ))}
    </span>
  );
}

const whole = new Intl.NumberFormat('en');
export const number = (value: number) => whole.format(value);
