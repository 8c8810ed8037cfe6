import type { Severity } from '@sluice/contracts';
import type { ArchiveNote } from '../archive/read-tarball.ts';
import type { PackageRule, Tier } from './rule.ts';

/** One rule per oddity of the container itself; they differ in nothing but their words. */
export const archiveNotes: PackageRule[] = [
  noteRule(
    'link',
    'medium',
    'review',
    'Contains a link, which package managers do not extract',
    'Other programs extract it, so they place a file under a name that was not looked at. Package managers never pack one.',
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
  noteRule(
    'large-file',
    'info',
    'note',
    'Contains a very large file',
    'Its text was read to the end; of a program only the first bytes are. The digest tells whether it is a known one.',
  ),
  noteRule('setuid', 'medium', 'note', 'Contains a file with setuid or setgid', 'Packages do not need it.'),
  noteRule(
    'invisible-path',
    'medium',
    'review',
    'Contains a path with invisible or control characters',
    'The path is not what it looks like.',
  ),
  noteRule(
    'path-encoding',
    'medium',
    'review',
    'Contains a path that is not UTF-8',
    'Some programs write its bytes, others write replacement characters: the file has two names.',
  ),
  noteRule(
    'windows-path',
    'medium',
    'review',
    'Contains a path that is another one on Windows',
    'Windows opens a device or a stream of another file for it, drops its end, or cannot write it: other files are placed there than were looked at.',
  ),
  noteRule(
    'outside-folder',
    'medium',
    'review',
    'Contains a file beside the package folder',
    'The package manager does not extract it, but other installers do, so it was not looked at and may still be placed.',
  ),
  noteRule(
    'unknown-record',
    'medium',
    'review',
    'Has records of an unknown meaning in its headers',
    'A program that knows them may extract other names or other bytes.',
  ),
  noteRule(
    'digest-mismatch',
    'high',
    'review',
    'Contains another file than its own list of digests states',
    'The file was changed after the archive was built, and installers that check the list refuse it.',
  ),
  noteRule(
    'unlisted-file',
    'medium',
    'review',
    'Contains a file that its own list of digests does not have',
    'The file was added after the archive was built: build tools list all that they pack. It stays behind when the package is removed.',
  ),
  noteRule(
    'missing-file',
    'low',
    'note',
    'Lacks a file that its own list of digests has',
    'The archive was changed after it was built.',
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
