import type { Intake } from '@sluice/intake';
import { configurationFormat } from './lockfiles/configuration.ts';
import { modulesFormat } from './lockfiles/modules-json.ts';
import { terraformLockFormat } from './lockfiles/terraform-lock.ts';
import { terraformMarks } from './marks.ts';
import { terraformNames } from './names.ts';

export const terraformIntake: Intake = {
  type: 'terraform',
  names: terraformNames,
  marks: terraformMarks,
  // What terraform installs lies in a hidden folder.
  installedFolders: [],
  shadows: {},
  formats: [terraformLockFormat, modulesFormat, configurationFormat],
  others: [
    {
      has: ['format_version', 'terraform_version'],
      is: 'It looks like a plan or a state of Terraform: submit the .terraform.lock.hcl beside the configuration.',
      isRemedy: true,
    },
  ],
  reads:
    'Sluice reads .terraform.lock.hcl, which `terraform init` and `terraform providers lock` write, and lists the modules of modules.json and of a configuration.',
};
