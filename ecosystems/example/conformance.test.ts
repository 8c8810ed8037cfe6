import { describeEcosystem } from '../conformance.test-suite.ts';
import { exampleArchive, startFakeExampleRegistry } from './fake/start-fake-registry.ts';
import { exampleInspection } from './inspection.ts';
import { exampleIntake } from './intake.ts';
import { exampleNames } from './names.ts';
import { exampleClient } from './registry.ts';

describeEcosystem({
  names: exampleNames,
  sampleNames: { valid: ['Acme/Widget', 'a/b'], invalid: ['', 'widget', 'acme/', 'acme/wid get', 'a/b/c'] },
  sampleVersions: { ascending: ['r1', 'r2', 'r10'], invalid: ['', '1', 'r0', 'latest', 'r1.0'] },
  intake: {
    facet: exampleIntake,
    lockfile: '# example lockfile\nAcme/Widget r2\nacme/gadget r1 sha256-abc\n',
    purls: ['pkg:example/acme/widget@r2', 'pkg:example/acme/gadget@r1'],
  },
  registry: {
    client: exampleClient,
    async start() {
      const fake = await startFakeExampleRegistry();
      return { ...fake, publishSample: (name, version) => fake.publish({ name, version }) };
    },
  },
  inspection: {
    facet: exampleInspection,
    archiveOf: (name, version, files) => exampleArchive({ name, version, files }),
    escapingPath: '../evil',
  },
});
