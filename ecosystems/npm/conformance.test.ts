import { packageTarball } from '@sluice/testkit';
import { describeEcosystem } from '../conformance.test-suite.ts';
import { packageLock, startFakeNpmRegistry } from './fake/index.ts';
import { npmInspection } from './inspection.ts';
import { npmIntake } from './intake.ts';
import { npmNames } from './names.ts';
import { npmClient } from './registry.ts';

describeEcosystem({
  names: npmNames,
  sampleNames: {
    valid: ['lodash', '@babel/core', 'JSONStream', "a.b-c_d~'!"],
    invalid: ['', '.hidden', '@a', '@a/b/c', 'a b', 'node_modules', 'lоdash', 'a'.repeat(215)],
  },
  sampleVersions: {
    ascending: ['0.0.0-alpha', '0.0.0', '0.9.0', '0.10.0', '1.0.0-rc.1', '1.0.0-rc.2', '1.0.0', '10.0.0'],
    invalid: ['', 'latest', '^1.0.0', 'v1.0.0', '1.0', '1.0.0.0', '01.0.0'],
  },
  intake: {
    facet: npmIntake,
    lockfile: packageLock(3, [
      { name: 'a', version: '1.0.0', dependencies: { '@s/b': '^2.0.0' } },
      { name: '@s/b', version: '2.0.0', inside: 'node_modules/a' },
      { name: '@s/b', version: '3.0.0' },
    ]),
    purls: ['pkg:npm/a@1.0.0', 'pkg:npm/%40s/b@2.0.0', 'pkg:npm/%40s/b@3.0.0'],
  },
  registry: {
    client: npmClient,
    async start() {
      const fake = await startFakeNpmRegistry();
      return {
        ...fake,
        publishSample(name, version) {
          const { tarballUrl, tarball } = fake.publish({ name, version });
          return { archiveUrl: tarballUrl, archive: tarball };
        },
      };
    },
  },
  inspection: {
    facet: npmInspection,
    archiveOf: (name, version, files) =>
      packageTarball({ 'package.json': JSON.stringify({ name, version }), ...files }),
    escapingPath: '../../evil.js',
  },
});
