import { PermanentError } from '@sluice/contracts';
import { ItemCollector, readPin, shown, type Intake } from '@sluice/intake';
import { exampleNames } from './names.ts';

const heading = '# example lockfile';

/** One package version a line behind the heading, with its pin: `acme/widget r2 sha256-…`. */
export const exampleIntake: Intake = {
  type: 'example',
  names: exampleNames,
  installedFolders: ['example_packages'],
  shadows: {},
  formats: [
    {
      id: 'example-lockfile',
      fileName: /^example\.lock$/,
      fits: ({ content }) => textOf(content).startsWith(`${heading}\n`),
      parse({ content }, { itemsMax }) {
        const collector = new ItemCollector('example', itemsMax);
        const lines = textOf(content).split('\n').slice(1);
        for (const [index, line] of lines.entries()) {
          if (line === '') continue;
          const [name = '', version = '', integrity] = line.split(' ');
          if (!exampleNames.isName(name) || !exampleNames.isVersion(version))
            throw new PermanentError('lockfile.invalid', `"${shown(line)}" is no package version.`);
          const path = `line ${index + 2}`;
          const place = {
            path,
            pinned: readPin(integrity, path),
            dev: false,
            optional: false,
            bundled: false,
            direct: true,
          };
          const found = { name: exampleNames.canonicalName(name), version };
          collector.add(place, { kind: 'registry', ...found, notes: [] }, found, null);
        }
        return { format: 'example-lockfile@1', projectName: null, ...collector.finish() };
      },
    },
  ],
  others: [],
  reads: 'Sluice reads example lockfiles.',
};

function textOf(content: Uint8Array): string {
  return Buffer.from(content).toString('utf8');
}
