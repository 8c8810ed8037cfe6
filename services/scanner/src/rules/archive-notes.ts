import type { Severity } from '@sluice/contracts';
import type { ArchiveNote } from '../archive/read-tarball.ts';
import type { PackageRule, Tier } from './rule.ts';

/** One rule per oddity of the container itself; they differ in nothing but their words. */
export const archiveNotes: PackageRule[] = [
  noteRule(
    'link',
    'info',
    'note',
    'Contains a link, which npm does not extract',
    'Other tools may extract it.',
  ),
  noteRule(
    'duplicate-path',
    'high',
    'review',
    'Contains two different files of one path',
    'Which of the two is installed depends on the tool, so what was reviewed need not be what runs.',
  ),
  noteRule(
    'repeated-path',
    'info',
    'note',
    'Contains a file twice',
    'Some packing tools do that; both are the same.',
  ),
  noteRule(
    'path-collision',
    'low',
    'note',
    'Contains paths that are one file on some systems',
    'Where case or Unicode form do not matter, the last one replaces the others.',
  ),
  noteRule(
    'trailing-data',
    'low',
    'note',
    'Data follows the end of the archive',
    'No packing tool leaves any.',
  ),
  noteRule('setuid', 'medium', 'note', 'Contains a file with setuid or setgid', 'Packages do not need it.'),
  noteRule(
    'invisible-path',
    'medium',
    'review',
    'Contains a path with invisible or control characters',
    'The path is not what it looks like.',
  ),
];

function noteRule(
  kind: ArchiveNote['kind'],
  severity: Severity,
  tier: Tier,
  title: string,
  why: string,
): PackageRule {
  return {
    id: `archive.${kind}`,
    title,
    severity,
    tier,
    why,
    *check({ notes }) {
      for (const note of notes) if (note.kind === kind) yield { file: note.path, excerpt: note.detail };
    },
  };
}
