import type { Intake } from '@sluice/intake';
import { pdmLockFormat } from './lockfiles/pdm-lock.ts';
import { pipfileLockFormat } from './lockfiles/pipfile-lock.ts';
import { poetryLockFormat } from './lockfiles/poetry-lock.ts';
import { pylockFormat } from './lockfiles/pylock.ts';
import { requirementsFormat } from './lockfiles/requirements.ts';
import { pypiMarks } from './marks.ts';
import { pypiNames } from './names.ts';
import { uvLockFormat } from './lockfiles/uv-lock.ts';

export const pypiIntake: Intake = {
  type: 'pypi',
  names: pypiNames,
  marks: pypiMarks,
  installedFolders: ['site-packages', 'dist-packages', '__pypackages__'],
  shadows: {},
  formats: [
    poetryLockFormat,
    pdmLockFormat,
    pylockFormat,
    uvLockFormat,
    pipfileLockFormat,
    requirementsFormat,
  ],
  others: [
    {
      pattern: /^\[(?:project|build-system|tool\.poetry)\]\s*$/m,
      is: 'It looks like a pyproject.toml: submit the lockfile beside it.',
      isRemedy: true,
    },
    {
      pattern: /^\[\[source\]\]\s*$/m,
      is: 'It looks like a Pipfile: submit the Pipfile.lock beside it.',
      isRemedy: true,
    },
  ],
  reads:
    'Sluice reads requirements.txt, poetry.lock, uv.lock, pdm.lock, Pipfile.lock and pylock.toml: `pip-compile --generate-hashes` makes the first.',
};
