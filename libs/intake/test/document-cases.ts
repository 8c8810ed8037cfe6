import type { Submission } from '@sluice/contracts';
import { PermanentError } from '@sluice/contracts';
import { parseSubmission, type IntakeOptions } from '../src/parse-submission.ts';
import type { Intake } from '../src/format.ts';

/** An ecosystem of small letters and whole numbers, with archives at `<name>/-/<name>-<version>.tgz`. */
const toy: Intake = {
  type: 'toy',
  names: {
    type: 'toy',
    osvName: null,
    canonicalName: (name) => name.toLowerCase(),
    isName: (name) => /^(?:@[a-z]+\/)?[a-z]+$/.test(name),
    isVersion: (version) => /^\d{1,5}$/.test(version),
    compareVersions: (a, b) => (/^\d+$/.test(a + b) ? Number(a) - Number(b) : null),
  },
  archives: {
    archiveAt(address) {
      const [, name, version] = /\/([a-z]+)\/-\/[a-z]+-(\d+)\.tgz$/.exec(address) ?? [];
      return name && version ? { name, version } : null;
    },
    sourceOf: ({ name, version, resolved }) => ({
      kind: 'registry',
      name,
      version,
      notes: resolved.startsWith('https://registry.example/')
        ? []
        : [{ code: 'resolved.elsewhere', message: 'm' }],
    }),
  },
  installedFolders: [],
  shadows: {},
  formats: [
    {
      id: 'toy-lock',
      fileName: /^toy\.lock$/,
      fits: () => false,
      parse: () => {
        throw new PermanentError('lockfile.invalid', 'None is.');
      },
    },
  ],
  others: [],
  reads: 'Sluice reads toy.lock.',
};

export const documentIntakes: readonly Intake[] = [toy];
const options: IntakeOptions = {
  intakes: documentIntakes,
  registriesOf: () => ['https://registry.example/'],
};

export const parseDocument = (content: string | object, more: Partial<IntakeOptions> = {}): Submission =>
  parseSubmission(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), {
    ...options,
    ...more,
  });

/** Each item as its purl, or its name and why it cannot be assessed, with its notes, flags and algorithms of its pins. */
export const toldOf = ({ items }: Pick<Submission, 'items'>): string[] =>
  items.map(({ purl, name, unassessable, notes, pins, dev, optional }) =>
    [
      purl ?? `${name} ${unassessable!.code}`,
      ...notes.map(({ code }) => code),
      ...pins.map(({ algorithm }) => algorithm),
      ...(dev ? ['dev'] : []),
      ...(optional ? ['optional'] : []),
    ].join(' '),
  );

export const told = (content: string | object): string[] => toldOf(parseDocument(content));
