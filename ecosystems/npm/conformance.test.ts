import { packageTarball } from '@sluice/testkit';
import { makeFakeSigstore } from '../../libs/provenance/test/fake-sigstore.ts';
import { describeEcosystem } from '../conformance.test-suite.ts';
import { makeRegistrySigner, packageLock, startFakeNpmRegistry } from './fake/index.ts';
import { npmInspection } from './inspection.ts';
import { npmIntake } from './intake.ts';
import { npmNames } from './names.ts';
import { npmClient } from './registry.ts';

const [sigstore, stranger] = await Promise.all([makeFakeSigstore(), makeFakeSigstore()]);
const signer = makeRegistrySigner();
const build = 'https://slsa.dev/provenance/v1';

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
        settings: { trustedRoot: sigstore.trustedRoot },
        publishSample(name, version) {
          const { tarballUrl, tarball } = fake.publish({ name, version });
          return { archiveUrl: tarballUrl, archive: tarball };
        },
        async publishVouched(name, version, how) {
          const isWrong = how === 'wrong';
          const of = isWrong ? '0.0.1' : version;
          const { integrity } = fake.publish({
            name,
            version,
            dist: (stated) =>
              how === 'none'
                ? {}
                : {
                    signatures: signer.signatures(name, of, stated.integrity),
                    attestations: { provenance: { predicateType: build } },
                  },
          });
          fake.serveJson('/-/npm/v1/keys', { keys: how === 'strange' ? [] : [signer.listed()] });
          const sha512 = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex');
          const bundle = await (how === 'strange' ? stranger : sigstore).attest({
            subject: { name: `pkg:npm/${name}@${of}`, digest: { sha512 } },
            predicateType: build,
          });
          const attestations = [{ predicateType: build, bundle }];
          fake.serveJson(`/-/npm/v1/attestations/${name}@${version}`, { attestations });
        },
      };
    },
    vouchesBy: ['signature', 'provenance'],
  },
  inspection: {
    facet: npmInspection,
    archiveOf: (name, version, files) =>
      packageTarball({ 'package.json': JSON.stringify({ name, version }), ...files }),
    escapingPath: '../../evil.js',
  },
});
