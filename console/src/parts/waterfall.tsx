import type { TimelineEntry } from '@sluice/api';
import { duration } from './time.tsx';

interface Bar {
  label: string;
  startMs: number;
  endMs: number;
}

const stageOf: Readonly<Record<string, string>> = {
  'pkg.licensed': 'license',
  'pkg.downloaded': 'download',
  'pkg.scanned': 'scan',
  'pkg.assessed': 'verdict',
};

/** How long each stage of the newest assessment took from the end of the one before: waiting and work together. */
export function Waterfall({ events }: { events: readonly TimelineEntry[] }) {
  const bars = barsOf(events);
  if (bars.length === 0) return null;
  const from = bars[0]!.startMs;
  const span = Math.max(1, bars.at(-1)!.endMs - from);
  return (
    <div class="waterfall" role="img" aria-label={bars.map(sentence).join(', ')}>
      {bars.map((bar) => (
        <div class="line" key={bar.label}>
          <span>{bar.label}</span>
          <svg viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">
            <rect class="wait" x="0" y="8" width="1000" height="8" rx="4" />
            <rect
              class="work"
              x={((bar.startMs - from) / span) * 1000}
              y="3"
              width={Math.max(4, ((bar.endMs - bar.startMs) / span) * 1000)}
              height="18"
              rx="4"
            />
          </svg>
          <span class="soft">{duration((bar.endMs - bar.startMs) / 1_000)}</span>
        </div>
      ))}
    </div>
  );
}

const sentence = ({ label, startMs, endMs }: Bar) => `${label} ${duration((endMs - startMs) / 1_000)}`;

function barsOf(events: readonly TimelineEntry[]): Bar[] {
  const begin = events.findLastIndex(({ type }) => type === 'pkg.requested');
  const bars: Bar[] = [];
  let last = events[begin] ? Date.parse(events[begin].at) : null;
  for (const { type, at } of events.slice(begin + 1)) {
    const label = stageOf[type];
    if (label === undefined || last === null) continue;
    bars.push({ label, startMs: last, endMs: Date.parse(at) });
    last = Date.parse(at);
  }
  return bars;
}
