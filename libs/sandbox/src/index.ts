/** Child processes for untrusted input: no network, no files, no environment, bounded memory and time. */
export { probeNetworkIsolation, type NetworkIsolation } from './isolation.ts';
export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
