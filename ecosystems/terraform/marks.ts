import type { ProjectMarks } from '@sluice/intake';

/** What tells that a project is made with Terraform. */
export const terraformMarks: ProjectMarks = {
  tools: [
    { name: 'Terraform', path: /(?:^|\/)(?:[^/]+\.tf(?:vars)?|\.terraform\.lock\.hcl)$/ },
    { name: 'Terragrunt', path: /(?:^|\/)terragrunt\.hcl$/ },
  ],
  // Its configurations name providers, and no frameworks.
  manifest: { fileName: /^(?!)$/, dependenciesOf: () => [] },
  frameworks: {},
};
