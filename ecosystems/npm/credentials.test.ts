import { expect, it } from 'vitest';
import { authorizationFor } from '@sluice/registries';
import { readNpmCredentials } from './credentials.ts';

const credentials = readNpmCredentials(`
registry=https://registry.example/
_authToken=of-no-host
//registry.example/:_authToken=main
//registry.example/team/:_authToken = "team"
//basic.example:8443/:_auth=dTpw
//pair.example/npm/:username=u
//pair.example/npm/:_password=${Buffer.from('p').toString('base64')}
//half.example/:username=u
//slashless.example:_authToken=x
`);

it.each([
  ['https://registry.example/lodash', 'Bearer main'],
  ['https://registry.example/team/lodash', 'Bearer team'],
  ['https://registry.example/teams', 'Bearer main'],
  ['https://basic.example:8443/a', 'Basic dTpw'],
  ['https://pair.example/npm/a', 'Basic dTpw'],
  ['https://slashless.example/a', 'Bearer x'],
  ['https://basic.example/a', undefined],
  ['https://pair.example/a', undefined],
  ['https://half.example/a', undefined],
  ['https://registry.example.evil.example/a', undefined],
  ['https://evil.example/registry.example/a', undefined],
])('%s gets %s', (url, expected) => {
  expect(authorizationFor(url, credentials)).toBe(expected);
});
