import { parseSubmission } from '@sluice/intake';
import { expect, it } from 'vitest';
import { terraformIntake } from '../intake.ts';

const listed = (text: string) =>
  parseSubmission(Buffer.from(text), { intakes: [terraformIntake] }).items.map(
    ({ name, version, unassessable }) => [name, version, unassessable?.code],
  );

it('modules.json lists each module that was downloaded, and the folders of the project', () => {
  const modules = [
    { Key: '', Source: '', Dir: '.' },
    {
      Key: 'net',
      Source: 'registry.example/acme/net/cloud',
      Version: '5.1.0',
      Dir: '.terraform/modules/net',
    },
    { Key: 'net.sub', Source: './modules/sub', Dir: '.terraform/modules/net/modules/sub' },
    { Key: 'own', Source: './own', Dir: 'own' },
    {
      Key: 'repo',
      Source: 'git::https://user:secret@git.example/acme/repo.git?ref=v1',
      Dir: '.terraform/modules/repo',
    },
  ];
  expect(listed(JSON.stringify({ Modules: modules }))).toEqual([
    ['net (registry.example/acme/net/cloud)', '5.1.0', 'source.module'],
    ['net.sub (./modules/sub)', null, 'source.module'],
    ['own', null, 'source.workspace'],
    ['repo (git::https://git.example/acme/repo.git?ref=v1)', null, 'source.module'],
  ]);
});

it('a configuration lists its modules, and the providers whose versions the lockfile has', () => {
  const text = `
terraform {
  required_version = ">= 1.5"
  required_providers {
    thing = { source = "acme/thing", version = "~> 3.0" }
    other = {
      source                = "registry.example/acme/other"
      configuration_aliases = [other.a, other.b]
    }
    old = "~> 1.0"
  }
}

module "net" {
  source  = "acme/net/cloud"
  version = "~> 5.0"
  name    = "\${var.name}-\${join("-", [for x in var.xs : "\${x}"])}"
}

module "own" {
  source = "../own"
}

resource "a" "b" {
  text = <<-EOT
    module "no" { source = "x" }
  EOT
  nested {
    x = { y = [1, 2] }
  }
}
`;
  expect(listed(text)).toEqual([
    ['acme/thing', '~> 3.0', 'source.version'],
    ['registry.example/acme/other', null, 'source.version'],
    ['old', '~> 1.0', 'source.version'],
    ['net (acme/net/cloud)', '~> 5.0', 'source.module'],
    ['own', null, 'source.workspace'],
  ]);
});
