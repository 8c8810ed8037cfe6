import { printable } from '@sluice/contracts';
import type { AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';

/** Enough for a reviewer to find the place. */
const shownMax = 5;
const code = /\.pyw?$/;
/** Files that builds write: the version, and the settings of the build. */
const made = /(?:^|\/)(?:_version|__config__)\.py$/;
/** Metadata, and files that are placed outside of the packages. */
const beside = /^[^/]+\.(?:dist-info|data)\//;

export const wheelAlone: AssessmentRule = {
  id: 'malware.wheel-alone',
  title: 'The wheel has Python code that the source distribution has not',
  severity: 'high',
  tier: 'review',
  why: 'People read the source, in its repository or its source distribution, and pip installs the wheel. A wheel that was built from that source has none of its own; taken-over releases have had code in the wheel alone.',
  *check({ file, contents, siblings = [] }: AssessmentView): Iterable<Hit> {
    const sources = siblings.filter(({ kind }) => kind === 'sdist');
    if (file.kind !== 'wheel' || !contents || sources.length === 0) return;
    const inSources = sources.flatMap((source) => source.contents.map(({ path }) => path)).filter(isCode);
    const known = new Set(inSources.flatMap(endingsOf));
    const atTop = new Set(inSources.filter((path) => !path.includes('/') && path !== 'setup.py'));
    const alone = contents
      .filter(({ path, sizeBytes }) => sizeBytes > 0 && isCode(path) && !made.test(path))
      .map(({ path }) => path)
      .filter((path) => !known.has(path) && !endingsOf(path).some((ending) => atTop.has(ending)));
    if (alone.length === 0) return;
    const shown = alone.slice(0, shownMax).join(', ') + (alone.length > shownMax ? ' …' : '');
    yield {
      file: file.file,
      title: `${wheelAlone.title}: ${alone.length} files`,
      excerpt: printable(shown, 200),
    };
  },
};

function isCode(path: string): boolean {
  return code.test(path) && !beside.test(path);
}

/**
 * `src/pkg/a.py`, `pkg/a.py` and `a.py`: the folders around packages differ from project to project, and some have the files of a
 * package at the top.
 */
function endingsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, at) => parts.slice(at).join('/'));
}
