import { describeEcosystem } from '../conformance.test-suite.ts';
import {
  buildProviderZip,
  makeSigner,
  startFakeTerraformMirror,
  startFakeTerraformRegistry,
} from './fake/index.ts';
import { terraformInspection } from './inspection.ts';
import { terraformIntake } from './intake.ts';
import { terraformNames } from './names.ts';
import { terraformClient } from './registry.ts';

const signer = await makeSigner();
const hash = `zh:${'a'.repeat(64)}`;
const platform = 'linux_amd64';

const ecosystem = {
  names: terraformNames,
  sampleNames: {
    valid: ['Registry.example/Acme/thing', 'localhost:8443/a/b', 'registry.example/acme/big-thing2'],
    invalid: [
      '',
      'thing',
      'acme/thing',
      'registry.example/acme/thing/x',
      'registry.example/../thing',
      'registry.example/acme/a--b',
      'registry.example/acme/-a',
      'registry.example/acme/a_b',
      'registry.example/-/thing',
      'registry example/acme/thing',
      'registry.example/acme/terraform-thing',
      'regіstry.example/acme/thing',
      `registry.example/acme/${'a'.repeat(65)}`,
    ],
  },
  sampleVersions: {
    ascending: [
      '0.9.0',
      '1.0.0-alpha',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0',
      '1.0.0+build',
      '1.9.0',
      '1.10.0',
    ],
    invalid: ['', 'latest', '1.0', 'v1.0.0', '~> 1.0', '01.0.0', '1.0.0 '],
  },
};

describeEcosystem({
  ...ecosystem,
  intake: {
    facet: terraformIntake,
    lockfile: `provider "registry.example/acme/thing" {\n  version = "1.2.3"\n  hashes = [\n    "${hash}",\n  ]\n}\n`,
    purls: ['pkg:terraform/registry.example/acme/thing@1.2.3'],
  },
  registry: {
    client: terraformClient,
    async start() {
      const fake = await startFakeTerraformRegistry();
      return {
        ...fake,
        settings: { aliases: ['https://registry.example/'] },
        async publishSample(name, version) {
          const [, namespace = '', type = ''] = name.split('/');
          const { urls, archives } = await fake.publish({ namespace, type, version, signer });
          return { archiveUrl: urls[platform]!, archive: archives[platform]! };
        },
        async publishVouched(name, version, how) {
          const [, namespace = '', type = ''] = name.split('/');
          const ways = {
            right: { signer },
            wrong: { signer, signature: await signer.sign(Buffer.from('another list')) },
            strange: { signer, statedKeys: [] },
            none: { fields: { shasums_url: null, shasums_signature_url: null } },
          };
          await fake.publish({ namespace, type, version, ...ways[how] });
        },
      };
    },
    vouchesBy: ['signature'],
  },
  inspection: {
    facet: terraformInspection,
    archivedName: (name) => name.split('/').at(-1)!,
    archiveOf: (name, version, files) => buildProviderZip({ type: name.split('/').at(-1)!, version, files }),
    escapingPath: '../evil',
  },
});

describeEcosystem({
  ...ecosystem,
  registry: {
    client: terraformClient,
    async start() {
      const fake = await startFakeTerraformMirror();
      return {
        ...fake,
        url: fake.mirrorUrl,
        settings: { protocol: 'mirror' },
        publishSample(name, version) {
          const archive = buildProviderZip({ type: name.split('/').at(-1)!, version });
          const urls = fake.publish({ name, version, archives: { [platform]: { body: archive } } });
          return { archiveUrl: urls[platform]!, archive };
        },
      };
    },
  },
});
