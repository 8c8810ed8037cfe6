import type { ProjectMarks } from '@sluice/intake';

/** Signs of Terraform. */
export const terraformMarks: ProjectMarks = {
  tools: [
    { name: 'Terraform', path: /(?:^|\/)(?:[^/]+\.tf(?:vars)?|\.terraform\.lock\.hcl)$/ },
    { name: 'Terragrunt', path: /(?:^|\/)terragrunt\.hcl$/ },
  ],
  // Its configurations name providers, and no frameworks.
  manifest: { fileName: /^(?!)$/, dependenciesOf: () => [] },
  frameworks: {},
};
