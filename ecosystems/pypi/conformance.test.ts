import { describeEcosystem } from '../conformance.test-suite.ts';
import { pypiNames } from './names.ts';

describeEcosystem({
  names: pypiNames,
  sampleNames: {
    valid: ['Zope.Interface', 'requests', 'ruamel_yaml', 'a'],
    invalid: ['', '-a', 'a-', 'a b', 'a/b', 'lоdash'],
  },
  sampleVersions: {
    ascending: ['1.0.dev1', '1.0a1', '1.0rc1', '1.0', '1.0.post1', '1.9', '1.10', '1!0.5'],
    invalid: ['', 'latest', '>=1.0', '1.0.*'],
  },
});
