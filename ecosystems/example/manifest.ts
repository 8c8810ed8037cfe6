import type { PackageManifest } from '@sluice/inspection/inspect';

/** Reads `name: …`, `version: …` and `start: …`, one a line. */
export function readExampleManifest(text: string): PackageManifest {
  const fields = new Map(
    text.split('\n').flatMap((line) => {
      const [, key, value] = /^(\w+): (.*)$/.exec(line) ?? [];
      return key && value ? [[key, value] as const] : [];
    }),
  );
  const start = fields.get('start');
  return {
    name: fields.get('name') ?? null,
    version: fields.get('version') ?? null,
    scripts: start === undefined ? {} : { start },
    dependencies: {},
    optionalDependencies: {},
    peerDependencies: {},
    main: null,
    bin: {},
    entryPoints: [],
  };
}
