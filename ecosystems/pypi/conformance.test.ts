import { makeFakeSigstore } from '../../libs/provenance/test/fake-sigstore.ts';
import { describeEcosystem } from '../conformance.test-suite.ts';
import { buildSdist, buildWheel, startFakePypi } from './fake/index.ts';
import { pypiInspection } from './inspection.ts';
import { pypiIntake } from './intake.ts';
import { pypiNames } from './names.ts';
import { pypiClient } from './registry.ts';
import { attestedWheel } from './test/attested-wheel.ts';

const [sigstore, stranger] = await Promise.all([makeFakeSigstore(), makeFakeSigstore()]);

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
        settings: { trustedRoot: sigstore.trustedRoot },
        publishSample: (name, version) => fake.publishWheel({ name, version }),
        async publishVouched(name, version, how) {
          const wrong = how === 'wrong' ? { sha256: '0'.repeat(64) } : {};
          const by = how === 'strange' ? stranger : sigstore;
          const { provenance, ...plain } = await attestedWheel(by, { project: name, version, ...wrong });
          const stated = how === 'none' || provenance === undefined ? {} : { provenance };
          fake.publish({ name, files: [{ ...plain, ...stated }] });
        },
      };
    },
    vouchesBy: ['provenance'],
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
