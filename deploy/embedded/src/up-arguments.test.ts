import { expect, it } from 'vitest';
import { parseUpArguments, upHelp } from './up-arguments.ts';

it('reads all options, in both ways of writing them', () => {
  const args = ['--split', '--fresh', '--port', '8080', '--host=0.0.0.0', '--state', '/tmp/x'];
  expect(parseUpArguments(args)).toEqual({
    split: true,
    fresh: true,
    open: false,
    port: 8080,
    host: '0.0.0.0',
    stateFolder: '/tmp/x',
  });
  expect(parseUpArguments([])).toEqual({ split: false, fresh: false, open: false });
});

it('takes port and address from the environment when no argument says them', () => {
  const env = { HTTP_PORT: '8081', HTTP_HOST: '' };
  expect(parseUpArguments([], env)).toMatchObject({ port: 8081 });
  expect(parseUpArguments([], env)).not.toHaveProperty('host');
  expect(parseUpArguments(['--port', '9000'], env)).toMatchObject({ port: 9000 });
});

it.each([['--prot', '1'], ['--port', 'http'], ['--port', '65536'], ['--port'], ['now']])(
  'refuses %j in one line with a remedy',
  (...args) => {
    expect(() => parseUpArguments(args)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('\n'), remedy: expect.any(String) }),
    );
  },
);

it('explains every option', () => {
  expect(parseUpArguments(['--help'])).toBeNull();
  for (const option of ['--port', '--host', '--split', '--fresh', '--state'])
    expect(upHelp).toContain(option);
});
