import { printable } from '@sluice/contracts';
import type { AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';

export const manifestMismatch: AssessmentRule = {
  id: 'malware.manifest-mismatch',
  title: "The wheel's dependencies differ from the registry's",
  severity: 'high',
  tier: 'review',
  why: 'Resolvers choose dependencies by the metadata that the registry serves, and people read those. The installed package goes by the ones in the wheel. Dependencies of a source distribution are known once it was built.',
  *check({ archived, registered, file }: AssessmentView): Iterable<Hit> {
    if (!archived || !registered || file.kind !== 'wheel') return;
    const inArchive = { ...archived.dependencies, ...archived.optionalDependencies };
    const stated = { ...registered.dependencies, ...registered.optionalDependencies };
    for (const name of [...new Set([...Object.keys(inArchive), ...Object.keys(stated)])].toSorted()) {
      const [own, elsewhere] = [inArchive, stated].map((map) =>
        Object.hasOwn(map, name) ? map[name]! : null,
      );
      if (own !== elsewhere) {
        yield {
          file: file.file,
          title: `The wheel's dependencies differ from the registry's: ${printable(name, 80)}`,
          excerpt: printable(`${own ?? 'absent'} instead of ${elsewhere ?? 'absent'}`, 200),
        };
      }
    }
  },
};
