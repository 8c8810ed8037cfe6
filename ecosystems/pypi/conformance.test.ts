import { describeEcosystem } from '../conformance.test-suite.ts';
import { buildSdist, buildWheel, startFakePypi } from './fake/index.ts';
import { pypiInspection } from './inspection.ts';
import { pypiIntake } from './intake.ts';
import { pypiNames } from './names.ts';
import { pypiClient } from './registry.ts';

describeEcosystem({
  names: pypiNames,
  sampleNames: {
    valid: ['Zope.Interface', 'requests', 'ruamel_yaml', 'a'],
    invalid: ['', '-a', 'a-', 'a b', 'a/b', 'lоdash', 'a'.repeat(215)],
  },
  sampleVersions: {
    ascending: ['1.0.dev1', '1.0a1', '1.0rc1', '1.0', '1.0.post1', '1.9', '1.10', '1!0.5'],
    invalid: ['', 'latest', '>=1.0', '1.0.*'],
  },
  intake: {
    facet: pypiIntake,
    lockfile: `Zope.Interface==6.0 \\\n    --hash=sha256:${'a'.repeat(64)}\nrequests[socks]==2.32.0 ; python_version > "3.8"\n`,
    purls: ['pkg:pypi/zope-interface@6.0', 'pkg:pypi/requests@2.32.0'],
  },
  registry: {
    client: pypiClient,
    async start() {
      const fake = await startFakePypi();
      return {
        ...fake,
        url: fake.indexUrl,
        publishSample: (name, version) => fake.publishWheel({ name, version }),
      };
    },
  },
  inspection: {
    facet: pypiInspection,
    archiveOf: (name, version, files) => buildWheel({ name, version, files }),
    escapingPath: '../evil.py',
  },
});

describeEcosystem({
  names: { ...pypiNames, osvName: null },
  sampleNames: { valid: ['sdist-sample'], invalid: [] },
  sampleVersions: { ascending: ['1.0', '1.1'], invalid: [] },
  inspection: {
    facet: pypiInspection,
    archiveOf: (name, version, files) => buildSdist({ name, version, files }),
    escapingPath: '../../evil.py',
  },
});
